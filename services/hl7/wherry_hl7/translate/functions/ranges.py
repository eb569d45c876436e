"""OBX-7 becomes a reference range: its text always, low and high where it says them plainly."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.numbers import units_of
from wherry_hl7.translate.functions.monitor import is_monitor_result

_NUMBER = r"([+-]?\d{1,12}(?:\.\d{1,12})?)"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|to|TO|–|\.\.)\s*{_NUMBER}(.*)", re.ASCII)
_LIMIT = re.compile(rf"([<>]=?|[<>≤≥])\s*(?:or|OR)?\s*=?\s*{_NUMBER}(.*)", re.ASCII)
_HIGH = frozenset("<≤")
_BRACKETS = frozenset({"()", "[]"})
_LONGEST = 60
_ALARM_LIMITS = {"text": "alarm limits"}


@function("observation_range")
def observation_range(obx: Segment, out: Resource, at: At) -> None:
    """OBX-7, each repetition; what a monitor says there are the limits of its alarms.

    Source: HL7 v2-to-FHIR, OBX-7; IHE Devices TF-2 appendix B.8, OBX-7.
    """
    if not obx.field(7):
        return
    units = units_of(obx, at.scope)
    plain = obx.text(7)
    texts = [plain] if plain == obx.field(7) else [rep.whole for rep in obx[7].reps]
    found = [reference_range(text, units) for text in texts if text.strip()]
    if found and is_monitor_result(obx, at):
        found = [{**one, "type": _ALARM_LIMITS} for one in found]
    if found:
        out["referenceRange"] = found


def reference_range(text: str, units: dict[str, str]) -> dict[str, Any]:
    """One range; R4's limits are inclusive and take no comparator: the text keeps < and >.

    A unit after the numbers must be that of the value, or the numbers are not used.
    """
    text = text.strip()
    limits, unit = _known_limits(text) if len(text) <= _LONGEST else _limits(text)
    if unit and unit not in (units.get("unit"), units.get("code")):
        return {"text": text}
    out: dict[str, Any] = {side: {"value": limit, **units} for side, limit in limits}
    out["text"] = text
    return out


def _limits(text: str) -> tuple[tuple[tuple[str, Decimal], ...], str]:
    """Each side with its limit, and the unit after them."""
    said = text[1:-1].strip() if text[:1] + text[-1:] in _BRACKETS else text
    if found := _RANGE.fullmatch(said):
        low, high = Decimal(found[1]), Decimal(found[2])
        return ((("low", low), ("high", high)) if low <= high else ()), found[3].strip()
    if found := _LIMIT.fullmatch(said):
        side = "high" if found[1][0] in _HIGH else "low"
        return ((side, Decimal(found[2])),), found[3].strip()
    return (), ""


_known_limits = lru_cache(maxsize=4096)(_limits)
"""A laboratory's ranges come each day, and say nothing of whom they are for."""
