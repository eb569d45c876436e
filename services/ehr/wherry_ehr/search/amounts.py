"""Numbers and quantities, stored and asked for, as ranges of numbers with a unit."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from wherry.errors import Failure, Kind
from wherry.fhir.interval import PREFIXES

LEAST, MOST = -1.7e308, 1.7e308
"""Stand for open ends."""

CURRENCIES = "urn:iso:std:iso:4217"

_NUMBER = re.compile(r"[-+]?\d{1,60}(?:\.\d{1,60})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_WIDE = {"<": (True, False), "<=": (True, False), ">": (False, True), ">=": (False, True)}


class Held(NamedTuple):
    """What a resource says: a range, mostly of one number, and its unit as code and as text."""

    low: float
    high: float
    system: str = ""
    code: str = ""
    unit: str = ""


class Amount(NamedTuple):
    """What a search asks: `low` and `high` are the number as exactly as it was written.

    A `system` of None stands for any, an empty `code` for any unit.
    """

    prefix: str
    value: float
    low: float
    high: float
    system: str | None = None
    code: str = ""


def held_amounts(value: Any) -> Iterator[Held]:
    """The ranges in a number, Quantity, Money, Range or SampledData, one or many."""
    if isinstance(value, list):
        for item in value:
            yield from held_amounts(item)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield Held(_float(value), _float(value))
    elif isinstance(value, dict):
        yield from _of_object(value)


def amount(text: str, name: str) -> Amount:
    """Read a prefix and a number.

    Raises: Failure(INVALID) at `name`. Source: FHIR R4 search, 3.1.1.4.5 (the implied precision).
    """
    prefix = text[:2] if text[:2] in PREFIXES else "eq"
    digits = text.removeprefix(prefix)
    if not _NUMBER.fullmatch(digits):
        raise Failure(Kind.INVALID, "a number is needed", at=name)
    number = Decimal(digits)
    exponent = number.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1)
    low, high = number - half, number + half
    if prefix == "ap":
        low, high = number - abs(number) / 10, number + abs(number) / 10
    return Amount(prefix, _float(number), _float(low), _float(high))


def _of_object(value: dict[str, Any]) -> Iterator[Held]:
    if "origin" in value:
        low, high = value.get("lowerLimit"), value.get("upperLimit")
        if low is not None and high is not None:
            yield Held(_float(low), _float(high), *_unit(value["origin"]))
    elif "low" in value or "high" in value:
        low, high = value.get("low", {}), value.get("high", {})
        yield Held(
            _float(low["value"]) if "value" in low else LEAST,
            _float(high["value"]) if "value" in high else MOST,
            *_unit(low or high),
        )
    elif isinstance(value.get("value"), int | Decimal):
        number = _float(value["value"])
        down, up = _WIDE.get(value.get("comparator", ""), (False, False))
        yield Held(LEAST if down else number, MOST if up else number, *_unit(value))


def _unit(value: dict[str, Any]) -> tuple[str, str, str]:
    if currency := value.get("currency"):
        return CURRENCIES, currency, currency
    unit = value.get("unit", "")[:100]
    return value.get("system", ""), value.get("code", "")[:100] or unit, unit


def _float(value: int | Decimal) -> float:
    return float(min(max(Decimal(value), Decimal(LEAST)), Decimal(MOST)))
