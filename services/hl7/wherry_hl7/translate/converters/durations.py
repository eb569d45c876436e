"""A number with a unit of time, or a legacy TQ-3, becomes a span of time that times can move by."""

import re
from datetime import datetime, timedelta

from wherry_hl7.translate.scope import Scope

# Units that are always equally long. Source: FHIR R4 units-of-time (UCUM)
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}

# S30, M15, H2, D1, W1. Source: HL7 v2.3 §4.4.3, TQ-3 duration.
_LETTER_FIRST = re.compile(r"([SMHDW])(\d{1,6})", re.ASCII)
_NUMBER_FIRST = re.compile(r"(\d{1,6})\s*([A-Za-z]+)", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?", re.ASCII)


def span(amount: str, unit: str, at: str, scope: Scope) -> timedelta | None:
    """So much time; None, with a warning, when the number or its unit cannot be read."""
    amount, unit = amount.strip(), unit.strip()
    if not amount:
        return None
    seconds = _seconds(unit, scope)
    if not _NUMBER.fullmatch(amount) or seconds is None:
        scope.warn(at, "a duration without a number and a fixed unit of time; not used")
        return None
    return timedelta(seconds=float(amount) * seconds)


def legacy_span(text: str, scope: Scope) -> timedelta | None:
    """What TQ-3 says: M15 or 15 min; None for anything else, such as a number alone."""
    if found := _LETTER_FIRST.fullmatch(text.strip().upper()):
        return timedelta(seconds=int(found[2]) * _SECONDS_OF_LETTER[found[1]])
    if found := _NUMBER_FIRST.fullmatch(text.strip()):
        seconds = _seconds(found[2], scope)
        return timedelta(seconds=int(found[1]) * seconds) if seconds else None
    return None


def moved(instant: str, by: timedelta) -> str:
    """An instant so much later, in its own offset."""
    return (datetime.fromisoformat(instant) + by).isoformat()


def _seconds(unit: str, scope: Scope) -> int | None:
    row = scope.tables["DurationUnit"].find(unit)
    return _SECONDS.get(row.to) if row else None


_SECONDS_OF_LETTER = {"S": 1, "M": 60, "H": 3600, "D": 86400, "W": 604800}
