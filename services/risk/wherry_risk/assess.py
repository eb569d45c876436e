"""One patient's record becomes stored RiskAssessments, and those that no longer hold are undone."""

from wherry.resource import Resource
from wherry_risk.asked import Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import WRITING, asking
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.record import Record
from wherry_risk.model.risk_assessment import risk_assessment, transaction
from wherry_risk.scoring import answer_to
from wherry_risk.withdrawing import withdraw


def assessed(needs: Deps, patient_id: str) -> str:
    """Score one patient by each model and write the results; how it ended, in a word.

    Raises: Failure, as `answer_to` and the FHIR server do.
    """
    verdicts, record = _verdicts(needs, patient_id)
    made = {
        judged.spec.id: risk_assessment(judged, judged.verdict)
        for judged in verdicts
        if isinstance(judged.verdict, Score)
    }
    ends = {_written(needs, each) for each in made.values()} | {"refused"}
    if record is not None and withdraw(needs.fhir, record, standing=list(made.values())):
        ends.add("withdrawn")
    return next(word for word in _FIRST if word in ends)


_FIRST = ("written", "withdrawn", "unchanged", "refused")
"""Of how each model ended, which word stands for the patient."""


def _verdicts(needs: Deps, patient_id: str) -> tuple[list[Judged], Record | None]:
    """One verdict of each model of this worker, and the record that the last one read.

    NEWS2 comes with a trained model from one reading. Models that did not pass their checks are
    left out here: /readyz tells of them.
    """
    served = [name for name in needs.worker_models if name in needs.models]
    found: dict[str, Judged] = {}
    record: Record | None = None
    for name in sorted(served, key=lambda name: needs.models[name].spec.kind):  # ai before rule
        if name not in found:
            asked = Asked(model=name, patient=patient_id, resources=None, at=None, told={})
            told = answer_to(asked, needs)
            record = told.record
            both = [told.judged, *([told.beside] if told.beside else [])]
            found |= {judged.spec.id: judged for judged in both}
    return [found[name] for name in served], record


def _written(needs: Deps, made: Resource) -> str:
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
