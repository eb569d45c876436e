"""Changed patients become RiskAssessments: take those who are due, judge, write, forget."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import structlog

from wherry.errors import Failure
from wherry.resource import Resource
from wherry_risk.asked import Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import WRITING, asking
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.risk_assessment import risk_assessment, transaction
from wherry_risk.scoring import answer_to

log = structlog.get_logger()

OWNER = "risk"
BUDGET = timedelta(seconds=60)
"""How long one job works before it makes way; the sweep wakes the next one."""
PATIENCE = 3
"""So many patients in a row who must be tried again mean that the server is away, not they."""

DONE = frozenset({"written", "unchanged", "refused", "failed", "broke"})


def score_due(needs: Deps, *, stopping: Callable[[], bool] = lambda: False) -> Mapping[str, int]:
    """Score everyone whose record changed and went quiet; returns how many ended how.

    A patient who could not be scored for now is left: the lease ends, and the next look finds them.
    """
    tally: Counter[str] = Counter()
    until = needs.clock.now() + BUDGET
    while not stopping() and needs.clock.now() < until:
        lent = needs.changes.due(
            owner=OWNER, limit=needs.batch, quiet_s=needs.quiet_s, lease_s=needs.lease_s
        )
        if not lent or not _round(needs, lent, tally):
            break
    if tally:
        log.info("patients_scored", **tally)
    return tally


def work_waits(needs: Deps) -> bool:
    """Whether anybody is still to be looked at; what the sweep asks."""
    return needs.changes.waiting() > 0


def _round(needs: Deps, lent: Sequence[tuple[str, int]], tally: Counter[str]) -> bool:
    """Score these patients and forget those who are done; False when it is no use to go on."""
    done: list[tuple[str, int]] = []
    in_a_row = 0
    for patient_id, mark in lent:
        ended = _one(needs, patient_id)
        tally[ended] += 1
        in_a_row = 0 if ended in DONE else in_a_row + 1
        if ended in DONE:
            done.append((patient_id, mark))
        if in_a_row == PATIENCE:
            break
    needs.changes.settle(done)
    return in_a_row < PATIENCE


def _one(needs: Deps, patient_id: str) -> str:
    """Score one patient by each model and write the results; how it ended, in a word."""
    try:
        return _best([_written(needs, judged) for judged in _verdicts(needs, patient_id)])
    except Failure as failure:
        ended = "left" if failure.kind.again else "failed"
        log.warning(
            "scoring_failed",
            patient_id=patient_id,
            kind=failure.kind.name,
            at=failure.at,
            end=ended,
        )
        return ended
    except Exception as error:  # the edge of the worker: one patient must not stop the others
        log.error("scoring_broke", patient_id=patient_id, error=type(error).__name__)
        return "broke"


def _best(ends: Iterable[str]) -> str:
    """How the patient ended, of how each model did: something written counts most."""
    return max(ends, key=("refused", "unchanged", "written").index, default="refused")


def _verdicts(needs: Deps, patient_id: str) -> list[Judged]:
    """One verdict of each model of this worker; NEWS2 comes with a trained one from one reading.

    Models that did not pass their checks are left out here: /readyz tells of them.
    """
    served = [name for name in needs.worker_models if name in needs.models]
    found: dict[str, Judged] = {}
    for name in sorted(served, key=lambda name: needs.models[name].spec.kind):  # ai before rule
        if name not in found:
            asked = Asked(model=name, patient=patient_id, resources=None, at=None, told={})
            told = answer_to(asked, needs)
            both = [told.judged, *([told.beside] if told.beside else [])]
            found |= {judged.spec.id: judged for judged in both}
    return [found[name] for name in served]


def _written(needs: Deps, judged: Judged) -> str:
    if not isinstance(judged.verdict, Score):
        return "refused"
    made = risk_assessment(judged, judged.verdict)
    with asking(WRITING):
        if _is_stored(needs, made):
            return "unchanged"
        needs.fhir.send(transaction(made))
    return "written"


def _is_stored(needs: Deps, made: Resource) -> bool:
    """Whether the server holds exactly this: then it gets no new version."""
    identifier = made["identifier"][0]
    token = f"{identifier['system']}|{identifier['value']}"
    stored = needs.fhir.search("RiskAssessment", {"identifier": token}, limit=2)
    ours = [name for name in made if name != "meta"]  # the server adds its own to meta
    return len(stored) == 1 and all(stored[0].get(name) == made[name] for name in ours)
