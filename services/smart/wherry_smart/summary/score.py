"""Answers of the risk service become the scores that the page shows; no number is made up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wherry_smart.summary.words import shown_unit

Json = Mapping[str, Any]


def scores(answers: Sequence[Json], models: Sequence[Json]) -> list[Json]:
    """The scores in their order, each with its model's title and horizon."""
    entries = {str(each.get("id")): each for each in models}
    return [_score(each, entries.get(str(each.get("model")), {})) for each in answers]


def _score(answer: Json, model: Json) -> Json:
    refusal = answer.get("refusal")
    refused = refusal if isinstance(refusal, Mapping) else None
    missing = (refused or answer).get("missing", [])
    return {
        "model": str(answer.get("model", "")),
        "version": str(answer.get("version", "")),
        "title": str(model.get("title") or answer.get("model", "")),
        "outcome": str(model.get("outcome", "")),
        "horizon_s": model.get("horizon_s"),
        "kind": str(model.get("kind", "")),
        "intended_use": str(answer.get("intended_use") or model.get("intended_use", "")),
        "at": answer.get("at"),
        "scored": answer.get("status") == "scored",
        "refusal": str(refused.get("text", "")) if refused else "",
        "score": digits(answer.get("score")),
        "probability": digits(answer.get("probability")),
        "tier": str(answer.get("tier", "")),
        "response": str(answer.get("response", "")),
        "partial": answer.get("partial") is True,
        "at_most": digits(answer.get("at_most")),
        "contributions": [_contribution(each, answer) for each in listed(answer, "contributions")],
        "missing": [_missing(each) for each in missing if isinstance(each, Mapping)],
    }


def _contribution(each: Json, answer: Json) -> Json:
    """One bar: how much and in which direction this value moves the score."""
    weight = each.get("points", each.get("contribution"))
    return {
        "name": str(each.get("name", "")),
        "label": str(each.get("label", "")),
        "weight": digits(weight) or "0",
        "value": digits(each.get("value")),
        "unit": shown_unit(str(each.get("unit") or "")),
        "at": each.get("observed_at"),
        "age_s": each.get("age_s"),
        "observation": _observation(str(each.get("name", "")), answer),
    }


def _observation(name: str, answer: Json) -> str:
    """The Observation that a contribution rests on: of the part, else of the input, of its name."""
    for part in listed(answer, "parts"):
        if part.get("name") == name and isinstance(part.get("input"), Mapping):
            return str(part["input"].get("observation", ""))
    for each in listed(answer, "inputs"):
        if each.get("name") == name:
            return str(each.get("observation", ""))
    return ""


def _missing(each: Json) -> Json:
    return {
        "name": str(each.get("name", "")),
        "label": str(each.get("label", "")),
        "reason": str(each.get("reason", "")),
        "age_s": each.get("age_s"),
    }


def digits(value: Any) -> str | None:
    """A number with the digits it came with."""
    if isinstance(value, bool) or value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def listed(answer: Json, name: str) -> list[Json]:
    """The objects of a list; what is none, or no list, is left out."""
    value = answer.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
