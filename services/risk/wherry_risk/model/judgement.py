"""A model and a record become a verdict together with everything that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wherry_risk.model.facts import NOTHING, Facts, Setting, facts
from wherry_risk.model.interface import Model, Refusal, Score
from wherry_risk.model.mean_pressure import MEAN, with_mean_pressure
from wherry_risk.model.record import Record
from wherry_risk.model.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with everything that it rests on."""

    spec: ModelSpec
    facts: Facts
    verdict: Score | Refusal

    @property
    def at(self) -> datetime:
        """The moment as of which it was judged."""
        return self.facts.at


def judge(
    model: Model,
    record: Record,
    *,
    at: datetime,
    told: Mapping[str, str] = NOTHING,
    setting: Setting = "inpatient",
) -> Judged:
    """The verdict of `model` on `record` at `at`; the same record and `at`, the same verdict."""
    if MEAN in model.spec.codes():
        record = with_mean_pressure(record)
    gathered = facts(model.spec, record, at=at, told=told, setting=setting)
    return Judged(model.spec, gathered, model.score(gathered, at=at))
