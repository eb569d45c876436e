"""One person's resources become judgements, by the service's own assembler and model."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from wherry.resource import Resource
from wherry_risk.backtest.moments import Judgement, Moment, moments
from wherry_risk.model.facts import Facts
from wherry_risk.model.interface import Model, Refusal, RefusalCode
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import Record, record
from wherry_risk.monitoring.derived import derived
from wherry_risk.monitoring.outcomes import QUESTIONS, Outcome, settled
from wherry_risk.monitoring.seen import Seen
from wherry_risk.onnx.trained import Trained, vector

# Source: US Core Race and Ethnicity extensions; used for groups only, never as an input.
_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
ORIGINS = {f"{_CORE}race": "race", f"{_CORE}ethnicity": "ethnicity"}
SEXES = {"male": "men", "female": "women"}
AGES = ((18, 50), (50, 65), (65, 80), (80, 121))


@dataclass(frozen=True, slots=True)
class Question:
    """Which model is asked when; `simple` stands beside it. `known` are outcomes by patient; None
    derives them from the resources. `until` is when the export was made.
    """

    model: Trained
    simple: Model
    rule: str
    known: Mapping[str, Sequence[Outcome]] | None
    until: datetime


def judgements(asked: Question, patient_id: str, resources: Sequence[Resource]) -> list[Judgement]:
    """What the model says at each moment, and what became of it; in order of time.

    That somebody died later is not known at the moment itself, so that a death without a time is
    left out. Raises: Failure(UNPROCESSABLE) when a resource cannot be read.
    """
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        by_type[str(one.get("resourceType"))].append(one)
    person = next(iter(by_type["Patient"]), None)
    known = record([_alive(one) for one in resources], patient_id=patient_id)
    when = moments(asked.rule, by_type["Encounter"], until=asked.until)
    if asked.known is None:
        outcomes = derived(patient_id, person, by_type["Encounter"], until=asked.until)
    else:
        outcomes = list(asked.known.get(patient_id, ()))
    about = _origins(person)
    return [_judgement(asked, known, one, outcomes, about) for one in when]


def _judgement(
    asked: Question,
    known: Record,
    when: Moment,
    outcomes: Sequence[Outcome],
    about: Sequence[str],
) -> Judgement:
    judged = judge(asked.model, known, at=when.at)
    row = vector(asked.model.columns, judged.facts)
    inside = _in_scope(asked.model, judged)
    probability, margin = _graph(asked.model, row) if inside else (None, None)
    simple = judge(asked.simple, known, at=when.at).verdict
    return Judgement(
        at=when.at,
        encounter=when.encounter,
        probability=probability,
        margin=margin,
        tier="" if isinstance(judged.verdict, Refusal) else judged.verdict.tier,
        refusal=judged.verdict.code.value if isinstance(judged.verdict, Refusal) else "",
        missing=tuple(sorted(judged.facts.missing)),
        row=tuple(None if np.isnan(value) else value for value in row),
        groups=(*about, *_groups(judged.facts, known)),
        outcome=_outcome(asked, known.patient_id, when, outcomes),
        news2=None if isinstance(simple, Refusal) else float(simple.score),
    )


def _graph(model: Trained, row: Sequence[float]) -> tuple[float, float]:
    probability, margin, _ = model.session.run(np.array([row], dtype=np.float32))
    return float(probability[0, 0]), float(margin[0, 0])


def _in_scope(model: Trained, judged: Judged) -> bool:
    """Whether the model is for this person, and what it has no branch for is known."""
    verdict = judged.verdict
    if isinstance(verdict, Refusal) and verdict.code is RefusalCode.OUT_OF_POPULATION:
        return False
    refusing = {one.name for one in model.manifest.inputs if one.missing == "refuse"}
    return not refusing & judged.facts.missing.keys()


def _outcome(
    asked: Question, patient_id: str, when: Moment, outcomes: Sequence[Outcome]
) -> bool | None:
    """By the stay where outcomes name one, else by time."""
    of_stay = [one for one in outcomes if one.encounter in {"", when.encounter}]
    question = QUESTIONS[asked.model.manifest.id]
    told = settled(question, [Seen(patient_id, when.at, 0.0)], of_stay)
    return told[0][1] if told else None


def _alive(resource: Resource) -> Resource:
    if resource.get("resourceType") != "Patient" or "deceasedBoolean" not in resource:
        return resource
    return {name: value for name, value in resource.items() if name != "deceasedBoolean"}


def _groups(facts: Facts, known: Record) -> list[str]:
    told = [name for low, high in AGES if facts.age_years is not None
            and low <= facts.age_years < high
            for name in (f"age {low} to {high - 1}",)]  # fmt: skip
    sex = SEXES.get(known.patient.gender) if known.patient else None
    return [*told, *([sex] if sex else [])]


def _origins(person: Resource | None) -> list[str]:
    """Race and ethnicity as the record has them."""
    told = []
    for one in (person or {}).get("extension", ()):
        name = ORIGINS.get(str(one.get("url"))) if isinstance(one, dict) else None
        if name is not None:
            told += [f"{name}: {text}" for text in _texts(one)]
    return told


def _texts(extension: Mapping[str, Any]) -> list[str]:
    parts = extension.get("extension", ())
    texts = [part for part in parts if isinstance(part, dict) and part.get("url") == "text"]
    return [str(part["valueString"]) for part in texts if part.get("valueString")]
