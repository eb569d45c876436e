"""One patient's record becomes stored RiskAssessments, and those that no longer hold are undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from wherry.resource import Resource
from wherry_risk.asked import Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import READING, WRITING, asking
from wherry_risk.lifecycle.shadowing import shadow
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.provenance import stored_with_provenance
from wherry_risk.model.record import Record
from wherry_risk.model.risk_assessment import MODEL, risk_assessment
from wherry_risk.model.standing import stand_of, standing_of
from wherry_risk.model.writing import Why, why
from wherry_risk.recording import keep
from wherry_risk.scoring import Answered, answer_to
from wherry_risk.withdrawing import gone_of, withdraw

LOOKED_AT = 20
"""The newest assessments of one model that are looked at: the one that stands is the first."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done about one verdict: write what was `made` of it and why, or how it ends."""

    judged: Judged
    made: Resource | None
    ends: str
    why: Why | None = None


def assessed(needs: Deps, patient_id: str) -> str:
    """Score one patient by each model and write what is new enough; how it ended, in a word.

    Verdicts are kept before anything is written, so that each RiskAssessment can be computed again.
    Raises: Failure, as `answer_to`, the records and the FHIR server do.
    """
    verdicts, record, answers = _verdicts(needs, patient_id)
    if record is None:
        return "refused"
    gone = gone_of(needs.fhir, record)
    plans = [_planned(needs, judged, gone) for judged in verdicts]
    new = [plan.judged for plan in plans if plan.ends != "unchanged"]
    ids = keep(new, needs, asked_by="worker")
    for asked, told in answers:
        if told.judged in new:
            shadow(told, asked, needs, asked_by="worker", beside=ids[told.judged.spec.id])
    written = [ids[plan.judged.spec.id] for plan in plans if _written(needs, plan, ids)]
    if written:
        needs.records.wrote(written)
    ends = {plan.ends for plan in plans}
    holding = [plan.made for plan in plans if plan.made and plan.ends != "unchanged_enough"]
    if withdraw(needs.fhir, record, gone=gone, standing=holding):
        ends.add("withdrawn")
    return next(word for word in _FIRST if word in ends)


_FIRST = ("written", "withdrawn", "unchanged_enough", "unchanged", "refused")
"""Of how each model ended, which word stands for the patient."""


def _verdicts(
    needs: Deps, patient_id: str
) -> tuple[list[Judged], Record | None, list[tuple[Asked, Answered]]]:
    """One verdict of each model of this worker, the record that the last one read, and the answers.

    NEWS2 comes with a trained model from one reading. Models that did not pass their checks are
    left out here: /readyz tells of them.
    """
    served = [name for name in needs.worker_models if name in needs.models]
    found: dict[str, Judged] = {}
    record: Record | None = None
    answers: list[tuple[Asked, Answered]] = []
    for name in sorted(served, key=lambda name: needs.models[name].spec.kind):  # ai before rule
        if name not in found:
            asked = Asked(model=name, patient=patient_id, resources=None, at=None, told={})
            told = answer_to(asked, needs)
            record = told.record
            answers.append((asked, told))
            both = [told.judged, *([told.beside] if told.beside else [])]
            found |= {judged.spec.id: judged for judged in both}
    return [found[name] for name in served], record, answers


def _planned(needs: Deps, judged: Judged, gone: frozenset[str]) -> _Plan:
    """Whether this verdict is written, by the policy of its model and what stands.

    Where the server holds an assessment of the same newest input that says something else, it is
    corrected in place, however little it moved.
    """
    if not isinstance(judged.verdict, Score):
        return _Plan(judged, None, "refused")
    made, spec = risk_assessment(judged, judged.verdict), judged.spec
    stored = _stored(needs, judged)
    same = [each for each in stored if each.get("identifier") == made["identifier"]]
    if same and _says(same[0], made):
        return _Plan(judged, made, "unchanged")
    reason = Why.CORRECTED if same else _reason(needs, judged, made, stored, gone)
    needs.metrics.planned(spec.id, reason)
    return _Plan(judged, made, "written" if reason else "unchanged_enough", reason)


def _reason(
    needs: Deps, judged: Judged, made: Resource, stored: Sequence[Resource], gone: frozenset[str]
) -> Why | None:
    spec, facts = judged.spec, judged.facts
    kept = needs.records.standing(facts.patient_id, model=spec.id) if stored else None
    says = stand_of(made)
    assert says is not None  # noqa: S101 - we made it ourselves
    return why(spec.writing, says, standing_of(stored, gone, kept.body if kept else None, facts))


def _stored(needs: Deps, judged: Judged) -> list[Resource]:
    params = {
        "patient": judged.facts.patient_id,
        "method": f"{MODEL}|{judged.spec.id}",
        "_sort": "-date",
        "_count": str(LOOKED_AT),
    }
    with asking(READING):
        return needs.fhir.search("RiskAssessment", params, limit=LOOKED_AT)


def _says(stored: Resource, made: Resource) -> bool:
    """Whether the server holds exactly this: then it gets no new version."""
    ours = [name for name in made if name != "meta"]  # the server adds its own to meta
    return all(stored.get(name) == made[name] for name in ours)


def _written(needs: Deps, plan: _Plan, ids: dict[str, str]) -> bool:
    if plan.ends != "written" or plan.made is None:
        return False
    spec = plan.judged.spec
    recorded = needs.clock.now().isoformat()
    bundle = stored_with_provenance(plan.made, spec, record_id=ids[spec.id], recorded=recorded)
    with asking(WRITING):
        needs.fhir.send(bundle)
    return True
