"""What HL7 says of how often (TQ1-3, TQ-2: BID, Q6H, QAM) becomes a FHIR Timing.repeat."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Repeat = dict[str, Any]

# Source: HL7 v2.5.1 table 0335, §4.3.2.1; FHIR R4 units-of-time
_UNITS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EVERY = re.compile(r"Q(\d{1,4})(?:-(\d{1,4}))?([SMHDWL])", re.ASCII)
_ON_DAY = re.compile(r"Q(\d{0,3})J([1-7]{1,7})", re.ASCII)
_TIMES = re.compile(r"(\d{1,2})ID", re.ASCII)
_PRN = re.compile(r"^PRN(?=\S)|(?:^|[\s,;])PRN(?:$|[\s,;])|(?<=\S)PRN$")
_SPAN = re.compile(r"([SMHDWL])\s*(\d{1,6}(?:\.\d{1,4})?)", re.ASCII)
_TIMES_IN_ALL = re.compile(r"X\s*(\d{1,4})", re.ASCII)


def _daily(times: int, **more: Any) -> Repeat:
    return {"frequency": times, "period": Decimal(1), "periodUnit": "d", **more}


# Patterns that are names. Source: HL7 v2.5.1 table 0335; the last lines are what senders write.
_NAMED: dict[str, Repeat] = {
    "ONCE": {"count": 1},
    "BID": _daily(2), "TID": _daily(3), "QID": _daily(4), "QSHIFT": _daily(3),
    "QD": _daily(1), "QAM": _daily(1, when=["MORN"]), "QPM": _daily(1, when=["EVE"]),
    "QHS": _daily(1, when=["HS"]),
    "QOD": {"frequency": 1, "period": Decimal(2), "periodUnit": "d"},
    "QOH": {"frequency": 1, "period": Decimal(2), "periodUnit": "h"},
    "QH": {"frequency": 1, "period": Decimal(1), "periodUnit": "h"},
    "QW": {"frequency": 1, "period": Decimal(1), "periodUnit": "wk"},
    "QDAY": _daily(1), "DAILY": _daily(1), "HS": {"when": ["HS"]},
    "STAT": {"count": 1}, "NOW": {"count": 1}, "X1": {"count": 1},
    **{code: {"when": [code]} for code in ("AC", "PC", "ACM", "ACD", "ACV", "PCM", "PCD", "PCV")},
}  # fmt: skip


def repeat_of(pattern: str) -> tuple[Repeat, bool]:
    """What a repeat pattern says, and whether it is only as needed; nothing when it is another's.

    Source: HL7 v2.5.1 §4.3.2.1; FHIR R4 Timing.repeat.
    """
    text = pattern.strip().upper()
    bare = _PRN.sub(" ", text)
    as_needed = bare != text
    words = bare.replace(",", " ").replace(";", " ").split()
    found: Repeat = {}
    for word in words:
        said = _word(word)
        if not said or not said.keys().isdisjoint(found):
            return {}, as_needed
        found |= said
    return found, as_needed


def _word(word: str) -> Repeat:
    if word in _NAMED:
        return dict(_NAMED[word])
    if found := _EVERY.fullmatch(word):
        first, last, unit = found.groups()
        more = {"periodMax": Decimal(last)} if last and int(last) > int(first) else {}
        if not int(first):
            return {}
        return {"frequency": 1, "period": Decimal(first), **more, "periodUnit": _UNITS[unit]}
    if (found := _TIMES.fullmatch(word)) and int(found[1]):
        return _daily(int(found[1]))
    if found := _ON_DAY.fullmatch(word):
        days = [_DAYS[int(day) - 1] for day in dict.fromkeys(found[2])]
        weeks = Decimal(found[1] or 1)
        return {"frequency": len(days), "period": weeks, "periodUnit": "wk", "dayOfWeek": days}
    return {}


def lasting(text: str) -> Repeat:
    """TQ-3: a duration (D7 is seven days) as bounds, X3 as a count; nothing for INDEF and others.

    Source: HL7 v2.5.1 §4.3.3.
    """
    text = text.strip().upper()
    if found := _TIMES_IN_ALL.fullmatch(text):
        return {"count": int(found[1])} if int(found[1]) else {}
    span = per_time(text)
    return {"boundsDuration": span} if span else {}


def per_time(text: str) -> Repeat:
    """A unit of time with how many of it (H1, M30, D7) as a Quantity; empty when it is none."""
    found = _SPAN.fullmatch(text.strip().upper())
    if found is None:
        return {}
    unit = _UNITS[found[1]]
    return {
        "value": Decimal(found[2]),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": unit,
    }


# Units of time of one length. Source: UCUM
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}


def ending(bounds: dict[str, Any], lasts: Repeat) -> dict[str, Any]:
    """A period that has a start and a length with its end; as it is when the end cannot be told.

    Source: HL7 v2-to-FHIR, TQ1-6: the end is the start and the service duration.
    """
    seconds = _SECONDS.get(lasts.get("code", ""))
    start = bounds.get("start", "")
    if not seconds or "end" in bounds or len(start) < len("2026-01-05"):
        return bounds
    span = timedelta(seconds=float(lasts["value"] * seconds))
    try:
        if "T" in start:
            end = (datetime.fromisoformat(start) + span).isoformat()
        else:
            end = (date.fromisoformat(start) + span).isoformat()
    except (ValueError, OverflowError):
        return bounds
    return {**bounds, "end": end}
