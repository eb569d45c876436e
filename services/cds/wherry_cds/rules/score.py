"""What the risk service said becomes a score or a refusal that a card can be built from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from wherry.errors import Failure, Kind
from wherry_cds.rules.performed import Performance, performance


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement and what it added to the score."""

    name: str
    label: str
    value: str
    unit: str
    points: int
    observed_at: datetime | None
    age_s: int | None


@dataclass(frozen=True, slots=True)
class Missing:
    """One input that could not be used, and why."""

    name: str
    label: str
    reason: str
    age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with its basis; `partial` when inputs are missing, then it is `at_most` so much.

    `response` is what the score's source asks for at this tier.
    """

    model: str
    version: str
    score: int
    tier: str
    partial: bool
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    intended_use: str
    response: str = ""
    at_most: int | None = None
    spo2_scale: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """No score, and the reason in words."""

    model: str
    version: str
    code: str
    text: str
    missing: tuple[Missing, ...]
    intended_use: str
    record: str = ""


Answer = Scored | Refused


@dataclass(frozen=True, slots=True)
class Factor:
    """What one input added to a prediction's log-odds; without a value it is not known."""

    label: str
    value: str
    unit: str
    weight: Decimal
    observed_at: datetime | None
    age_s: int | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """A trained model's probability, its factors heaviest first, and NEWS2 beside it.

    `stands_in` is the refusal of the model that was asked, when a sibling answered in its place.
    `also` are published scores of the same question.
    `record` is the id under which the risk service keeps the score; it may be empty.
    """

    model: str
    version: str
    probability: Decimal
    tier: str
    factors: tuple[Factor, ...]
    missing: tuple[Missing, ...]
    intended_use: str
    response: str
    beside: Answer
    record: str = ""
    stands_in: Refused | None = None
    performance: Performance | None = None
    also: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A trained model's refusal, NEWS2 in its place, and published scores of the same question."""

    refused: Refused
    beside: Answer
    also: tuple[Answer, ...] = ()


AnyAnswer = Answer | Predicted | Withheld


def read(answer: object, *, patient_id: str) -> AnyAnswer:
    """The answer of `POST /v1/score` about this patient.

    Raises: Failure(UNAVAILABLE) when it is anything else: what is not understood is not shown.
    Source: openapi/risk.yaml.
    """
    try:
        return _any(answer, patient_id)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Failure(Kind.UNAVAILABLE, "the risk service's answer is not understood") from None


def _any(answer: Any, patient_id: str) -> AnyAnswer:
    if "beside" not in answer:
        return _answer(answer, patient_id)
    beside = _answer(answer["beside"], patient_id)
    if answer["status"] == "refused":
        if answer["patient"] != patient_id:
            raise ValueError("another patient")
        if "instead" in answer:
            sibling = _predicted(answer["instead"], patient_id, beside)
            return replace(sibling, stands_in=_refused(answer))
        return Withheld(_refused(answer), beside, _also(answer, patient_id))
    return _predicted(answer, patient_id, beside)


def _predicted(answer: Any, patient_id: str, beside: Answer) -> Predicted:
    if answer["patient"] != patient_id or answer["status"] != "scored":
        raise ValueError("another patient, or neither a score nor a refusal")
    return Predicted(
        model=_text(answer["model"]),
        version=_text(answer["version"]),
        probability=_probability(answer["probability"]),
        tier=_text(answer["tier"]),
        factors=tuple(_factor(each) for each in answer["contributions"]),
        missing=tuple(_missing(each) for each in answer["missing"]),
        intended_use=_text(answer["intended_use"]),
        response=_text(answer["response"]),
        beside=beside,
        record=_record(answer),
        performance=performance(answer.get("performance")),
        also=_also(answer, patient_id),
    )


def _also(answer: Any, patient_id: str) -> tuple[Answer, ...]:
    return tuple(_answer(one, patient_id) for one in answer.get("also", ()))


def _factor(given: Mapping[str, Any]) -> Factor:
    return Factor(
        label=_text(given["label"]),
        value="" if given["value"] is None else _value(given["value"]),
        unit=_text(given["unit"]) if given.get("unit") else "",
        weight=_number(given["points"]),
        observed_at=_moment(given.get("observed_at")),
        age_s=_seconds(given.get("age_s")),
    )


def _answer(answer: Any, patient_id: str) -> Answer:
    if answer["patient"] != patient_id:
        raise ValueError("another patient")
    if answer["status"] == "refused":
        return _refused(answer)
    if answer["status"] != "scored":
        raise ValueError("neither a score nor a refusal")
    return Scored(
        model=_text(answer["model"]),
        version=_text(answer["version"]),
        score=_whole(answer["score"]),
        tier=_text(answer["tier"]),
        partial=_yes_or_no(answer["partial"]),
        parts=tuple(_part(each) for each in answer["contributions"]),
        missing=tuple(_missing(each) for each in answer["missing"]),
        intended_use=_text(answer["intended_use"]),
        response=_text(answer["response"]),
        at_most=None if answer["at_most"] is None else _whole(answer["at_most"]),
        spo2_scale=_text(answer["flags"].get("spo2-scale", "1")),
        record=_record(answer),
    )


def _refused(answer: Mapping[str, Any]) -> Refused:
    refusal = answer["refusal"]
    return Refused(
        model=_text(answer["model"]),
        version=_text(answer["version"]),
        code=_text(refusal["code"]),
        text=_text(refusal["text"]),
        missing=tuple(_missing(each) for each in refusal.get("missing", [])),
        intended_use=_text(answer["intended_use"]),
        record=_record(answer),
    )


def _record(answer: Mapping[str, Any]) -> str:
    """The id of the kept score; an older risk service keeps none."""
    return _text(answer["record"]) if answer.get("record") else ""


def _part(given: Mapping[str, Any]) -> Part:
    return Part(
        name=_text(given["name"]),
        label=_text(given["label"]),
        value=_value(given["value"]),
        unit=_text(given["unit"]) if given.get("unit") else "",
        points=_whole(given["points"]),
        observed_at=_moment(given.get("observed_at")),
        age_s=_seconds(given.get("age_s")),
    )


def _missing(given: Mapping[str, Any]) -> Missing:
    return Missing(
        name=_text(given["name"]),
        label=_text(given["label"]),
        reason=_text(given["reason"]),
        age_s=_seconds(given.get("age_s")),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _number(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise ValueError("no number")
    return Decimal(value)


def _probability(value: Any) -> Decimal:
    probability = _number(value)
    if not 0 <= probability <= 1:
        raise ValueError("no probability")
    return probability


def _whole(value: Any) -> int:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value != int(value):
        raise ValueError("no whole number")
    return int(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _value(value: Any) -> str:
    """A measured value as text, with the digits it came with."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return str(value)
    return _text(value)


def _moment(value: Any) -> datetime | None:
    moment = datetime.fromisoformat(_text(value)) if value is not None else None
    return moment if moment is None or moment.tzinfo is not None else None


def _seconds(value: Any) -> int | None:
    return None if value is None else int(value)
