"""A question becomes a verdict: find the model, get the record, judge, count."""

from dataclasses import dataclass

import structlog

from wherry.errors import Failure, Kind
from wherry_risk.asked import DEFAULT_MODEL, Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import read_record
from wherry_risk.model.interface import Model, Refusal
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import Record, record

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """The verdict of the model that was asked and, beside a trained model, that of NEWS2.

    `record` is what both were read from.
    """

    record: Record
    judged: Judged
    beside: Judged | None = None


def answer_to(asked: Asked, needs: Deps) -> Answered:
    """Answer what was asked; the same resources and the same `at` always give the same verdict.

    A trained model never answers alone: NEWS2 on the same record stands beside it, and is what is
    left when it refuses.
    Raises: Failure: NOT_FOUND for an unknown model or patient, UNPROCESSABLE for resources of
    another patient, UNAVAILABLE when the FHIR server is needed and away, or the model's package did
    not pass its checks.
    """
    started = needs.ticks()
    models = _models(asked.model, needs)
    at = asked.at or needs.clock.now()
    if asked.resources is None:
        specs = [model.spec for model in models]
        known = read_record(needs.fhir, specs, patient_id=asked.patient, at=at)
    else:
        known = record(asked.resources, patient_id=asked.patient)
    verdicts = [judge(model, known, at=at, told=asked.told) for model in models]
    for judged in verdicts:
        needs.metrics.judged(judged.spec.id, judged.verdict, seconds=needs.ticks() - started)
        _note(judged)
    return Answered(known, *verdicts)


def _models(name: str, needs: Deps) -> list[Model]:
    """The model that was asked and, when it is a trained one, NEWS2."""
    if name in needs.unserved:
        text = "this model's package did not pass its checks and is not served"
        raise Failure(Kind.UNAVAILABLE, text, at="model")
    model = needs.models.get(name)
    if model is None:
        raise Failure(Kind.NOT_FOUND, "there is no such model", at="model")
    return [model] if model.spec.kind == "rule" else [model, needs.models[DEFAULT_MODEL]]


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
