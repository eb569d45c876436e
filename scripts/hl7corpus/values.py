"""The value of an Observation becomes what can be compared, and shown without its text."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from wherry.resource import Resource

Comparable = tuple[Any, ...]


def value_type(observation: Resource) -> str:
    """The x of value[x], else component, else dataAbsentReason, else nothing."""
    for name in observation:
        if name.startswith("value"):
            return name.removeprefix("value")
    return next((name for name in ("component", "dataAbsentReason") if name in observation), "")


def comparable(observation: Resource) -> Comparable:
    """Numbers as numbers, times as instants, texts without their layout, codes as sets."""
    type_ = value_type(observation)
    if not type_:
        return (type_,)
    value = observation[type_ if type_ in _BESIDE else f"value{type_}"]
    return (type_, *_READERS.get(type_, _text)(value))


def agree(one: Comparable, other: Comparable) -> bool:
    """Whether two values say the same; a concept does when it shares a code or has the text."""
    if one[0] == other[0] and one[0] in {"CodeableConcept", "dataAbsentReason"}:
        return bool(one[1] & other[1])
    return one == other


def shown(value: Comparable) -> str:
    """A value for people: numbers, times and codes; of a text only how long it is."""
    type_, *rest = value
    if type_ == "String":
        return f"text of {len(rest[0])}"
    if type_ in {"CodeableConcept", "dataAbsentReason"}:
        return " ".join(sorted(code for kind, code in rest[0] if kind == "code")) or "text"
    return " ".join(str(one) for one in rest if one not in (None, ""))


def instant(text: str) -> str:
    """A time as UTC to the precision it has; a date as it is; nonsense as it is."""
    if "T" not in text:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else text


def _quantity(value: Mapping[str, Any] | None) -> Comparable:
    if not value or "value" not in value:
        return (None, "")
    return (Decimal(str(value["value"])).normalize(), value.get("comparator", ""))


def _range(value: Mapping[str, Any]) -> Comparable:
    return _quantity(value.get("low")) + _quantity(value.get("high"))


def _ratio(value: Mapping[str, Any]) -> Comparable:
    return _quantity(value.get("numerator")) + _quantity(value.get("denominator"))


def _period(value: Mapping[str, Any]) -> Comparable:
    return instant(value.get("start", "")), instant(value.get("end", ""))


def _concept(value: Mapping[str, Any]) -> Comparable:
    codes = {("code", one["code"]) for one in value.get("coding", ()) if "code" in one}
    texts = [value.get("text"), *(one.get("display") for one in value.get("coding", ()))]
    return (frozenset(codes | {("text", " ".join(text.split())) for text in texts if text}),)


def _text(value: Any) -> Comparable:
    return (" ".join(str(value).split()),)


_BESIDE = frozenset({"component", "dataAbsentReason"})
_READERS: Mapping[str, Callable[[Any], Comparable]] = {
    "Quantity": _quantity,
    "Range": _range,
    "Ratio": _ratio,
    "Period": _period,
    "CodeableConcept": _concept,
    "DateTime": lambda value: (instant(value),),
    "component": lambda value: (len(value),),
    "dataAbsentReason": _concept,
}
