"""A verdict becomes the body of its record, and the body becomes the facts of the verdict again."""

import struct
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from wherry_risk.model.facts import Facts, Missing, Setting
from wherry_risk.model.feed import Feed
from wherry_risk.model.interface import Refusal, Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.reading import Reading, Reason
from wherry_risk.model.spec import Code, InputSpec, ModelSpec


class KeptReading(msgspec.Struct, frozen=True, kw_only=True):
    """A used value in the model's unit, as it was sent, when and by which Observation."""

    value: Any
    unit: str
    sent_value: str
    sent_unit: str
    observed_at: datetime
    reference: str
    system: str
    code: str
    quality: tuple[str, ...] = ()


class KeptValue(msgspec.Struct, frozen=True, array_like=True):
    """One reading of a window: when, what, by which Observation."""

    observed_at: datetime
    value: Any
    reference: str


class KeptMissing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input without a usable value, or a value that was left out, and why."""

    name: str
    reason: Reason
    age_s: int | None = None
    reference: str = ""


class KeptFeed(msgspec.Struct, frozen=True, array_like=True):
    """When the newest Observation of any input was measured, and when it became known."""

    newest_at: datetime
    received_at: datetime | None


class KeptGraph(msgspec.Struct, frozen=True, kw_only=True):
    """What the graph was given and gave: little-endian float32 in hex, in order of the features."""

    row: str
    margin: str
    probability: str
    contributions: str


class KeptScore(msgspec.Struct, frozen=True, kw_only=True):
    """What was told: `parts` are the points of each input by name."""

    score: Any
    probability: Any
    tier: str
    partial: bool
    at_most: Any
    parts: dict[str, Any]
    missing: tuple[str, ...]


class KeptRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """What was told in place of a score."""

    code: str
    text: str
    missing: tuple[str, ...]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a verdict rests on, without the model itself. Numbers keep their digits."""

    setting: Setting
    age_years: int | None
    deceased: bool
    used: dict[str, KeptReading]
    missing: dict[str, KeptMissing]
    series: dict[str, tuple[KeptValue, ...]]
    unused: tuple[KeptMissing, ...]
    graph: KeptGraph | None
    score: KeptScore | None
    refusal: KeptRefusal | None
    feed: KeptFeed | None = None


def body_of(judged: Judged) -> Body:
    """What is kept of a verdict."""
    facts, verdict = judged.facts, judged.verdict
    return Body(
        setting=facts.setting,
        age_years=facts.age_years,
        deceased=facts.deceased,
        used={name: _kept(reading) for name, reading in facts.used.items()},
        missing={name: _gone(one) for name, one in facts.missing.items()},
        series={
            name: tuple(KeptValue(r.observed_at, r.value, r.reference) for r in readings)
            for name, readings in facts.series.items()
        },
        unused=tuple(_gone(one) for one in facts.unused),
        feed=KeptFeed(*facts.feed) if facts.feed else None,
        graph=graph_of(verdict),
        score=score_of(verdict),
        refusal=refusal_of(verdict),
    )


def facts_of(body: Body, spec: ModelSpec, *, patient_id: str, at: datetime) -> Facts:
    """The facts that the verdict was made from. Raises: KeyError for an input the spec has not."""
    specs = {one.name: one for one in spec.inputs}
    return Facts(
        patient_id=patient_id,
        at=at,
        age_years=body.age_years,
        deceased=body.deceased,
        used={name: _reading(specs[name], one) for name, one in body.used.items()},
        missing={name: _missing(specs, one) for name, one in body.missing.items()},
        series={
            name: tuple(_of_series(specs[name], one) for one in values)
            for name, values in body.series.items()
        },
        unused=tuple(_missing(specs, one) for one in body.unused),
        setting=body.setting,
        feed=Feed(body.feed.newest_at, body.feed.received_at) if body.feed else None,
    )


def graph_of(verdict: Score | Refusal) -> KeptGraph | None:
    """The numbers of the graph in hex; None where there was none."""
    if isinstance(verdict, Refusal) or verdict.graph is None:
        return None
    graph = verdict.graph
    return KeptGraph(
        row=graph.row.hex(),
        margin=graph.margin.hex(),
        probability=graph.probability.hex(),
        contributions=graph.contributions.hex(),
    )


def score_of(verdict: Score | Refusal) -> KeptScore | None:
    """What was told of a score."""
    if isinstance(verdict, Refusal):
        return None
    return KeptScore(
        score=verdict.score,
        probability=verdict.probability,
        tier=verdict.tier,
        partial=verdict.partial,
        at_most=verdict.at_most,
        parts={part.name: part.points for part in verdict.parts},
        missing=tuple(one.spec.name for one in verdict.missing),
    )


def refusal_of(verdict: Score | Refusal) -> KeptRefusal | None:
    """What was told of a refusal."""
    if isinstance(verdict, Score):
        return None
    missing = tuple(one.spec.name for one in verdict.missing)
    return KeptRefusal(code=verdict.code.value, text=verdict.text, missing=missing)


def floats(text: str) -> tuple[float, ...]:
    """The numbers behind the hex of a `KeptGraph`."""
    data = bytes.fromhex(text)
    return struct.unpack(f"<{len(data) // 4}f", data)


def _kept(reading: Reading) -> KeptReading:
    return KeptReading(
        value=reading.value,
        unit=reading.unit,
        sent_value=reading.sent_value,
        sent_unit=reading.sent_unit,
        observed_at=reading.observed_at,
        reference=reading.reference,
        system=reading.code.system,
        code=reading.code.code,
        quality=reading.quality,
    )


def _gone(one: Missing) -> KeptMissing:
    return KeptMissing(
        name=one.spec.name, reason=one.reason, age_s=one.age_s, reference=one.reference
    )


def _reading(spec: InputSpec, kept: KeptReading) -> Reading:
    return Reading(
        input=spec.name,
        value=_exact(kept.value),
        unit=kept.unit,
        sent_value=kept.sent_value,
        sent_unit=kept.sent_unit,
        observed_at=kept.observed_at,
        reference=kept.reference,
        code=Code(kept.system, kept.code),
        quality=kept.quality,
    )


def _of_series(spec: InputSpec, kept: KeptValue) -> Reading:
    value = _exact(kept.value)
    return Reading(
        input=spec.name,
        value=value,
        unit=spec.unit,
        sent_value="",
        sent_unit="",
        observed_at=kept.observed_at,
        reference=kept.reference,
        code=spec.codes[0],
    )


def _missing(specs: Mapping[str, InputSpec], kept: KeptMissing) -> Missing:
    return Missing(specs[kept.name], kept.reason, kept.age_s, kept.reference)


def _exact(value: Decimal | int | str) -> Decimal | str:
    return value if isinstance(value, str) else Decimal(value)


_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(Body, float_hook=Decimal)


def encoded(body: Body) -> bytes:
    """The body as JSON."""
    return _ENCODER.encode(body)


def decoded(data: bytes) -> Body:
    """The body in this JSON."""
    return _DECODER.decode(data)
