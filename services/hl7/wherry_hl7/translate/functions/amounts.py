"""An amount in one field and its unit in another become a FHIR Quantity, digits unchanged."""

import re
from typing import Any

from wherry.fhir.systems import UCUM
from wherry.hl7.segment import Segment
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.converters.numbers import number, unit_of
from wherry_hl7.translate.repeat import per_time

Quantity = dict[str, Any]

_UNKNOWN_AMOUNT = "999"
"""An amount that nobody knows. Source: CDC implementation guide 2.5.1, RXA-6."""


# A form such as TAB or CAP that is said to be UCUM, which writes no word in capitals.
_A_WORD = re.compile(r"(?<![\[{A-Za-z])[A-Z]{3,}")


def amount(segment: Segment, value: int, unit: int, at: At) -> Quantity:
    """The quantity of two fields; empty when there is no number.

    Units: as sent, UCUM where it is.
    """
    text = segment.text(value)
    if not text.strip():
        return {}
    found = number(text)
    if found is None or "comparator" in found:
        at.scope.warn(f"{segment.name}-{value}", "no number; left out")
        return {}
    return {**found, **units(segment, unit, at)}


def units(segment: Segment, number_: int, at: At) -> dict[str, str]:
    """The unit of a field, as UCUM where it is; else in the system that the sender names."""
    if not number_ or not segment.field(number_):
        return {}
    rep = segment[number_].first
    unit = unit_of(rep, at.scope)
    if _A_WORD.search(unit.get("code", "")):
        unit = {"unit": unit["unit"]}
    if "code" not in unit:
        for coding in concept(rep, at.scope).get("coding", ()):
            if coding.get("system", UCUM) != UCUM:
                return {**unit, "system": coding["system"], "code": coding["code"]}
    return unit


def amounts(segment: Segment, low: int, high: int, unit: int, at: At) -> dict[str, Any]:
    """A least and a most amount as a range, or as one amount when there is but one of them."""
    least = amount(segment, low, unit, at)
    most = amount(segment, high, unit, at) if high else {}
    if most and least and most["value"] > least["value"]:
        return {"doseRange": {"low": least, "high": most}}
    if most and least and most["value"] < least["value"]:
        at.scope.warn(f"{segment.name}-{high}", "less than the least amount; left out")
    one = least or most
    return {"doseQuantity": one} if one else {}


def rate(
    segment: Segment, at: At, *, value: int, unit: int, per: int, dose: Quantity
) -> dict[str, Any]:
    """How fast it is given: a rate with its unit, else an amount for each unit of time.

    Source: HL7 v2.5.1 §4.14.4.22 to §4.14.4.24; FHIR R4 Dosage.doseAndRate.rate[x].
    """
    found = amount(segment, value, unit, at) if value else {}
    time = per_time(segment.text(per)) if per and segment.field(per) else {}
    if per and segment.field(per) and not time:
        at.scope.warn(f"{segment.name}-{per}", "no unit of time; left out")
    if found and (not time or "/" in found.get("unit", "") or "/" in found.get("code", "")):
        return {"rateQuantity": found}
    above = found or dose
    return {"rateRatio": {"numerator": above, "denominator": time}} if above and time else {}


def per_day(quantity: Quantity) -> dict[str, Any]:
    """An amount a day as a Ratio."""
    day = {"value": 1, "unit": "d", "system": UCUM, "code": "d"}
    return {"numerator": quantity, "denominator": day}


def known_amount(segment: Segment, value: int, unit: int, at: At) -> Quantity:
    """`amount`, where 999 says that nobody knows it."""
    if segment.text(value).strip() == _UNKNOWN_AMOUNT:
        return {}
    return amount(segment, value, unit, at)
