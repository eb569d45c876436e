"""Changed patients become RiskAssessments: take those who are due, assess, forget or put off."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from wherry.adapters.rq_ticket import where
from wherry.errors import Failure, Kind
from wherry_risk.assess import assessed
from wherry_risk.deps import Deps

log = structlog.get_logger()

OWNER = "risk"
BUDGET = timedelta(seconds=60)
"""How long one job works before it makes way; the sweep wakes the next one."""

Lent = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A patient who could not be assessed, and a reason that names nobody."""

    lent: Lent
    reason: str
    unknown: bool
    """Whether the server said that there is no such patient."""


def score_due(needs: Deps, *, stopping: Callable[[], bool] = lambda: False) -> Mapping[str, int]:
    """Score everyone whose record changed and went quiet; returns how many ended how.

    While the FHIR server is away patients are left: the lease ends, and the next look finds them.
    Whoever has a trouble of their own is put off for longer each time, then set aside for a person.
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


def _round(needs: Deps, lent: Sequence[Lent], tally: Counter[str]) -> bool:
    """Assess these patients and say what becomes of each; False when the server is away."""
    done: list[Lent] = []
    troubles: list[_Trouble] = []
    answering = True
    for one in lent:
        ended = _one(needs, one)
        if isinstance(ended, str):
            tally[ended] += 1
            done.append(one)
        elif ended is not None:
            troubles.append(ended)
        else:
            tally["left"] += 1
            answering = False
            break
    for trouble in troubles:
        tally[_troubled(needs, trouble, in_company=bool(done))] += 1
    needs.changes.settle(done)
    return answering


def _one(needs: Deps, lent: Lent) -> str | _Trouble | None:
    """How one patient ended, in a word; or their trouble; None when the server is away."""
    patient_id = lent[0]
    try:
        return assessed(needs, patient_id)
    except Failure as failure:
        kind, at = failure.kind, failure.at
        log.warning("scoring_failed", patient_id=patient_id, kind=kind.name, at=at)
        unknown = kind is Kind.NOT_FOUND
        if (kind.again or unknown) and not _answers(needs):
            return None
        reason = f"{kind.name.lower()} at {at or 'request'}"
        return _Trouble(lent, reason, unknown=unknown and at == "patient")
    except Exception as error:  # the edge of the worker: one patient must not stop the others
        name = type(error).__name__
        log.error("scoring_broke", patient_id=patient_id, error=name, where=where(error))
        return _Trouble(lent, f"fault: {name}", unknown=False)


def _troubled(needs: Deps, trouble: _Trouble, *, in_company: bool) -> str:
    """Put off, set aside, or gone: deleted, when the same server has just shown us other patients.

    Without that company an unknown patient may as well mean that this is the wrong server.
    """
    patient_id, _ = trouble.lent
    if trouble.unknown and in_company:
        log.warning("patient_gone", patient_id=patient_id)
        needs.changes.settle([trouble.lent])
        return "gone"
    if needs.changes.put_off(trouble.lent, reason=trouble.reason, pauses=needs.pauses):
        log.error("patient_set_aside", patient_id=patient_id, reason=trouble.reason)
        return "aside"
    return "put_off"


_AWAY = frozenset({Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.UNAUTHENTICATED})


def _answers(needs: Deps) -> bool:
    """Whether the FHIR server is there for us: then a failure is about the one patient.

    Its CapabilityStatement needs no token, so that a search is asked for as well.
    """
    try:
        needs.fhir.ping()
        needs.fhir.search("Patient", {"_count": "1"}, limit=1)
    except Failure as failure:
        return failure.kind not in _AWAY
    return True
