"""OBX-7 becomes a reference range: its text always, low and high where it says them plainly."""

import re
from decimal import Decimal
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
_ALARM_LIMITS = {"text": "alarm limits"}


@function("observation_range")
def observation_range(obx: Segment, out: Resource, at: At) -> None:
    """OBX-7, each repetition; what a monitor says there are the limits of its alarms.

    Source: HL7 v2-to-FHIR, OBX-7; IHE Devices TF-2 appendix B.8, OBX-7.
    """
    if not obx.field(7):
        return
    units = units_of(obx, at.scope)
    plain = at.scope.text(obx, 7)
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
    said = text[1:-1].strip() if text[:1] + text[-1:] in _BRACKETS else text
    if found := _RANGE.fullmatch(said):
        low, high = Decimal(found[1]), Decimal(found[2])
        if low <= high and _same_unit(found[3], units):
            return {"low": {"value": low, **units}, "high": {"value": high, **units}, "text": text}
    elif (found := _LIMIT.fullmatch(said)) and _same_unit(found[3], units):
        side = "high" if found[1][0] in _HIGH else "low"
        return {side: {"value": Decimal(found[2]), **units}, "text": text}
    return {"text": text}


def _same_unit(text: str, units: dict[str, str]) -> bool:
    said = text.strip()
    return not said or said in (units.get("unit"), units.get("code"))
