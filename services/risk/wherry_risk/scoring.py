"""A question becomes a verdict: find the model, get the record, judge, count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import structlog

from wherry.errors import Failure, Kind
from wherry_risk.asked import DEFAULT_MODEL, Asked
from wherry_risk.deps import Deps
from wherry_risk.fhir_record import read_record
from wherry_risk.lifecycle.standing import STOPPED
from wherry_risk.model.interface import LACKING, Model, Refusal, Score
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import Record, record

log = structlog.get_logger()

FAILED = "this model's package did not pass its checks and is not served"
ALSO: Mapping[str, tuple[str, ...]] = MappingProxyType({"readmission-30d": ("lace", "hospital")})
"""Published scores of the same question, which stand beside a trained model too."""
_UNSERVED = {STOPPED: "this model was taken out of service here"}


@dataclass(frozen=True, slots=True)
class Answered:
    """The verdict of the model that was asked and, beside a trained model, that of NEWS2.

    `instead` is that of the first sibling that could answer where the model lacked inputs. `also`
    are published scores of the same question. `record` is what all were read from.
    """

    record: Record
    judged: Judged
    beside: Judged | None = None
    instead: Judged | None = None
    also: tuple[Judged, ...] = ()

    @property
    def verdicts(self) -> list[Judged]:
        """All of them, that of the model that was asked first."""
        others = (self.beside, self.instead, *self.also)
        return [self.judged, *(one for one in others if one is not None)]


def answer_to(asked: Asked, needs: Deps) -> Answered:
    """Answer what was asked; the same resources and the same `at` always give the same verdict.

    A trained model never answers alone: NEWS2 on the same record stands beside it, and is what is
    left when it refuses.
    Raises: Failure: NOT_FOUND for an unknown model or patient, UNPROCESSABLE for resources of
    another patient, UNAVAILABLE when the FHIR server is needed and away, or the model's package did
    not pass its checks.
    """
    started = needs.ticks()
    models = models_of(asked.model, needs)
    at = asked.at or needs.clock.now()
    if asked.resources is None:
        siblings = _siblings(models[0], needs)
        unseen = [model for _, model in needs.beside(asked.model)]
        specs = [model.spec for model in (*models, *siblings, *unseen, *_also(asked.model, needs))]
        known = read_record(needs.fhir, specs, patient_id=asked.patient, at=at)
    else:
        known = record(asked.resources, patient_id=asked.patient)
    verdicts = [_judged(model, known, at, asked) for model in models]
    instead = _instead(models[0], verdicts[0], known, asked, needs)
    also = tuple(_judged(model, known, at, asked) for model in _also(asked.model, needs))
    for judged in (*verdicts, *([instead] if instead else []), *also):
        needs.metrics.judged(judged.spec.id, judged.verdict, seconds=needs.ticks() - started)
        _note(judged)
    beside = verdicts[1] if len(verdicts) > 1 else None
    return Answered(known, verdicts[0], beside, instead, also)


def models_of(name: str, needs: Deps) -> list[Model]:
    """The model that was asked and, when it is a trained one, NEWS2.

    Raises: Failure: NOT_FOUND, UNAVAILABLE when its package did not pass its checks.
    """
    if name in needs.unserved:
        raise Failure(Kind.UNAVAILABLE, _UNSERVED.get(needs.unserved[name], FAILED), at="model")
    model = needs.models.get(name)
    if model is None:
        raise Failure(Kind.NOT_FOUND, "there is no such model", at="model")
    return [model] if model.spec.kind == "rule" else [model, needs.models[DEFAULT_MODEL]]


def _judged(model: Model, known: Record, at: datetime, asked: Asked) -> Judged:
    return judge(model, known, at=at, told=asked.told, setting=asked.setting)


def _siblings(model: Model, needs: Deps) -> list[Model]:
    """Those that are served; NEWS2 stands beside anyway."""
    names = [name for name in model.siblings if name != DEFAULT_MODEL]
    return [needs.models[name] for name in names if name in needs.models]


def _also(name: str, needs: Deps) -> list[Model]:
    return [needs.models[other] for other in ALSO.get(name, ()) if other in needs.models]


def _instead(
    model: Model, judged: Judged, known: Record, asked: Asked, needs: Deps
) -> Judged | None:
    """The first sibling that answers, when the model refused for want of inputs."""
    if not isinstance(judged.verdict, Refusal) or judged.verdict.code not in LACKING:
        return None
    for sibling in _siblings(model, needs):
        other = _judged(sibling, known, judged.at, asked)
        if isinstance(other.verdict, Score):
            return other
    return None


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
