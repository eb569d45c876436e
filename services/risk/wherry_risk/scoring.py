"""A question becomes a verdict: find the model, get the record, judge, count."""

import structlog

from wherry.errors import Failure, Kind
from wherry_risk.asked import Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import read_record
from wherry_risk.model.interface import Refusal
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import record

log = structlog.get_logger()


def answer_to(asked: Asked, needs: Deps) -> Judged:
    """Answer what was asked; the same resources and the same `at` always give the same verdict.

    Raises: Failure: NOT_FOUND for an unknown model or patient, UNPROCESSABLE for resources of
    another patient, UNAVAILABLE when the FHIR server is needed and away.
    """
    started = needs.ticks()
    model = needs.models.get(asked.model)
    if model is None:
        raise Failure(Kind.NOT_FOUND, "there is no such model", at="model")
    at = asked.at or needs.clock.now()
    if asked.resources is None:
        known = read_record(needs.fhir, model.spec, patient_id=asked.patient, at=at)
    else:
        known = record(asked.resources, patient_id=asked.patient)
    judged = judge(model, known, at=at, told=asked.told)
    needs.metrics.judged(model.spec.id, judged.verdict, seconds=needs.ticks() - started)
    _note(judged)
    return judged


def _note(judged: Judged) -> None:
    refusal = judged.verdict.code if isinstance(judged.verdict, Refusal) else ""
    log.info(
        "risk_judged",
        model=judged.spec.id,
        version=judged.spec.version,
        patient_id=judged.facts.patient_id,
        refusal=refusal,
        missing=[missing.spec.name for missing in judged.verdict.missing],
    )
