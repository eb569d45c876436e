"""The value[x] of an Observation or a component becomes text."""

from collections.abc import Callable, Mapping
from typing import Any

from wherry_ehr.chart.words import concept, moment, quantity


def span(held: Mapping[str, Any]) -> str:
    """A Range or a reference range; one end alone is said as a limit."""
    ends = [quantity(held[name]) for name in ("low", "high") if name in held]
    if len(ends) == 1:
        return f"{'≥' if 'low' in held else '≤'} {ends[0]}"
    return " – ".join(ends)


def _ratio(held: Mapping[str, Any]) -> str:
    return " : ".join(quantity(held[name]) for name in ("numerator", "denominator") if name in held)


def _period(held: Mapping[str, Any]) -> str:
    return f"{moment(held.get('start'))} – {moment(held.get('end'))}"


# Source: FHIR R4 Observation.value[x]
_VALUES: Mapping[str, Callable[[Any], str]] = {
    "valueQuantity": quantity,
    "valueCodeableConcept": concept,
    "valueString": str,
    "valueInteger": str,
    "valueBoolean": lambda held: "yes" if held else "no",
    "valueRange": span,
    "valueRatio": _ratio,
    "valueDateTime": moment,
    "valueTime": str,
    "valuePeriod": _period,
    "valueSampledData": lambda _: "a series of samples",
}


def value(held: Mapping[str, Any]) -> str:
    """The value as text, or an empty text when there is none."""
    return next((show(held[name]) for name, show in _VALUES.items() if name in held), "")
