"""Answers of the risk service become the list of inputs: what was used, how old, from where."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry_smart.summary.score import digits, listed
from wherry_smart.summary.words import shown_unit

Json = Mapping[str, Any]

USED, UNUSED, MISSING = "used", "unused", "missing"


def inputs(answers: Sequence[Json], sources: Mapping[str, int]) -> list[Json]:
    """One row for each input of each model, in the models' order; nothing is filled in.

    `sources` are numbers of the list of sources by Observation.
    """
    return [row for answer in answers for row in _of(answer, sources)]


def _of(answer: Json, sources: Mapping[str, int]) -> list[Json]:
    refusal = answer.get("refusal")
    lacking = refusal if isinstance(refusal, Mapping) else answer
    rows = (
        *(_row(each, USED, "") for each in listed(answer, "inputs")),
        *(_row(each, UNUSED, str(each.get("reason", ""))) for each in listed(answer, "unused")),
        *(_row(each, MISSING, str(each.get("reason", ""))) for each in listed(lacking, "missing")),
    )
    model = str(answer.get("model", ""))
    return [{"model": model, **row, "source": sources.get(str(row["observation"]))} for row in rows]


def _row(each: Json, state: str, reason: str) -> dict[str, Any]:
    quality = each.get("quality")
    return {
        "name": str(each.get("name", "")),
        "label": str(each.get("label", "")),
        "state": state,
        "reason": reason,
        "value": digits(each.get("value")),
        "unit": shown_unit(str(each.get("unit") or "")),
        "sent_value": str(each.get("sent_value", "")),
        "sent_unit": shown_unit(str(each.get("sent_unit") or "")),
        "at": each.get("observed_at"),
        "age_s": each.get("age_s"),
        "observation": str(each.get("observation", "")),
        "quality": [str(one) for one in quality] if isinstance(quality, list) else [],
    }
