"""A verdict becomes the JSON answer of POST /v1/score, a spec an entry of GET /v1/models."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP
from types import MappingProxyType
from typing import Any

from wherry_risk.model.facts import Missing
from wherry_risk.model.feed import Lag
from wherry_risk.model.interface import Part, Refusal, Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.performance import Performance
from wherry_risk.model.reading import Reading
from wherry_risk.model.spec import InputSpec, ModelSpec
from wherry_risk.records import CHAMPION

Json = dict[str, Any]
NOT_KEPT: Mapping[str, str] = MappingProxyType({})


def answer(judged: Judged, *, record: str = "") -> Json:
    """The answer as in openapi/risk.yaml; `record` is the id under which it is kept."""
    spec = judged.spec
    head: Json = {
        **({"record": record} if record else {}),
        "model": spec.id,
        "version": spec.version,
        "patient": judged.facts.patient_id,
        "at": judged.at.isoformat(),
        "intended_use": spec.intended_use,
    }
    head["unused"] = [_unused(one) for one in judged.facts.unused]
    if isinstance(judged.verdict, Refusal):
        return {**head, "status": "refused", "refusal": _refusal(judged.verdict)}
    return {**head, "status": "scored", **_score(judged, judged.verdict)}


def answered(
    judged: Judged,
    beside: Judged | None,
    instead: Judged | None = None,
    also: Sequence[Judged] = (),
    *,
    records: Mapping[str, str] = NOT_KEPT,
) -> Json:
    """The answer; under `beside` that of NEWS2 when a trained model was asked, under `instead` that
    of the sibling that could answer where it could not, under `also` those of published scores of
    the same question. `records` are ids of records by model.
    """
    told = answer(judged, record=records.get(judged.spec.id, ""))
    others = {"beside": beside, "instead": instead}
    if also:
        told["also"] = [answer(one, record=records.get(one.spec.id, "")) for one in also]
    return told | {
        name: answer(one, record=records.get(one.spec.id, ""))
        for name, one in others.items()
        if one is not None
    }


def _refusal(refusal: Refusal) -> Json:
    return {
        "code": refusal.code,
        "text": refusal.text,
        "missing": [_missing(one) for one in refusal.missing],
        **_lagging(refusal.lag),
    }


def _lagging(lag: Lag | None) -> Json:
    if lag is None:
        return {}
    received, delay = lag.feed.received_at, lag.feed.delay()
    told = {
        "newest_at": lag.feed.newest_at.isoformat(),
        "received_at": received and received.isoformat(),
        "age_s": _seconds(lag.age),
        "delay_s": _seconds(delay),
        "limit_s": _seconds(lag.limit),
    }
    return {"lag": told}


def _score(judged: Judged, score: Score) -> Json:
    offered = {one.name: one.offered for one in judged.spec.inputs}
    told = _inputs(judged)
    by_weight = sorted(score.parts, key=lambda part: -abs(part.points))
    return {
        "score": score.score,
        "probability": score.probability,
        "tier": score.tier,
        "response": judged.spec.tier(score.tier).response,
        "partial": score.partial,
        "at_most": score.at_most,
        "parts": [_part(part, told) for part in score.parts],
        "contributions": [_contribution(part, told) for part in by_weight],
        "inputs": [one for name, one in told.items() if offered[name]],
        "missing": [_missing(one) for one in score.missing],
        "flags": {
            name: reading.value for name, reading in judged.facts.used.items() if not offered[name]
        },
        **_lagging(score.lag),
        **_performing(score.performance),
    }


def _performing(told: Performance | None) -> Json:
    if told is None:
        return {}
    made: Json = {
        "auroc": told.auroc,
        "auroc_interval": told.interval,
        "n": told.n,
        "events": told.events,
        "people": told.people,
        "data": told.data,
        "period": told.period,
        "calibrated_on": told.calibrated_on,
        "calibrated_at": told.calibrated_at,
        "operating_point": None if told.point is None else asdict(told.point),
    }
    return {"performance": made}


def _inputs(judged: Judged) -> dict[str, Json]:
    """Each input that is used, told once for all places that repeat it."""
    specs = {one.name: one for one in judged.spec.inputs}
    return {
        name: _input(specs[name], reading, judged.at) for name, reading in judged.facts.used.items()
    }


def _part(part: Part, told: Mapping[str, Json]) -> Json:
    return {
        "name": part.name,
        "label": part.label,
        "points": part.points,
        "input": told[part.reading.input] if part.reading else None,
    }


_OF_INPUT = ("value", "unit", "observed_at", "age_s", "quality")
_UNKNOWN: Json = {"value": None, "unit": "", "observed_at": None, "age_s": None, "quality": []}


def _contribution(part: Part, told: Mapping[str, Json]) -> Json:
    made: Json = {"name": part.name, "label": part.label, "points": part.points}
    if (read := part.reading) is None:
        return made | _UNKNOWN
    made |= {key: told[read.input][key] for key in _OF_INPUT}
    if not read.reference:  # from the Patient, so it was not observed at any moment
        made |= {"observed_at": None, "age_s": None}
    return made


def _input(spec: InputSpec, reading: Reading, at: datetime) -> Json:
    return {
        "name": spec.name,
        "label": spec.label,
        "value": shown(spec, reading),
        "unit": reading.unit,
        "sent_value": reading.sent_value,
        "sent_unit": reading.sent_unit,
        "code": {"system": reading.code.system, "code": reading.code.code},
        "observed_at": reading.observed_at.isoformat(),
        "age_s": reading.age_s(at),
        "observation": reading.reference,
        "quality": reading.quality,
    }


def shown(spec: InputSpec, reading: Reading) -> object:
    """The value with the digits it came with; a converted one at the precision charts display."""
    value = reading.value
    if isinstance(value, str) or spec.step is None or f"{value:f}" == reading.sent_value:
        return value
    return value.quantize(spec.step, rounding=ROUND_HALF_UP)


def _missing(missing: Missing) -> Json:
    told: Json = {"name": missing.spec.name, "label": missing.spec.label, "reason": missing.reason}
    return told if missing.age_s is None else {**told, "age_s": missing.age_s}


def _unused(unused: Missing) -> Json:
    return {**_missing(unused), "observation": unused.reference}


def model_entry(spec: ModelSpec) -> Json:
    """What GET /v1/models says about one model."""
    return {
        "id": spec.id,
        "version": spec.version,
        "role": CHAMPION,
        "manifest_sha256": spec.sha256,
        "card": f"/v1/models/{spec.id}/card",
        "title": spec.title,
        "kind": spec.kind,
        "outcome": spec.outcome,
        "horizon_s": _seconds(spec.horizon),
        "window_s": _seconds(spec.window),
        "min_age_years": spec.min_age_years,
        "self_entered": spec.self_entered,
        "intended_use": spec.intended_use,
        "out_of_scope": spec.out_of_scope,
        "citation": spec.citation,
        "tiers": [{"name": tier.name, "response": tier.response} for tier in spec.tiers],
        "inputs": [_input_entry(one) for one in spec.inputs],
    }


def unserved_entry(id_: str, reason: str) -> Json:
    """What GET /v1/models says about a package that is not served."""
    return {"id": id_, "reason": reason}


def _input_entry(spec: InputSpec) -> Json:
    return {
        "name": spec.name,
        "label": spec.label,
        "codes": [{"system": code.system, "code": code.code} for code in spec.codes],
        "unit": spec.unit,
        "reads": spec.reads,
        "plausible": list(spec.plausible) if spec.plausible else None,
        "max_age_s": _seconds(spec.max_age),
        "required": spec.required,
        "counts": spec.over.aggregate if spec.over else "last",
        "lookback_s": int(spec.over.lookback_s) if spec.over else None,
    }


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
