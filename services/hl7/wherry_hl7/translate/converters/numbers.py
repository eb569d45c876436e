"""Texts that hold numbers and units (NM, SN, OBX-6, CQ) become Quantities, digits unchanged."""

import re
from decimal import Decimal
from typing import Any

from wherry.fhir.systems import UCUM
from wherry.hl7.segment import Rep, Segment
from wherry_hl7.mapping.named import converter
from wherry_hl7.translate.at import At
from wherry_hl7.translate.recall import Recall
from wherry_hl7.translate.scope import Scope

# A number by NM (HL7 v2.5.1 §2.A.45), with the exponent that some analysers send; nothing else.
_NUMBER = re.compile(r"(<=|>=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)", re.ASCII)
_MOST_CHARS = 40

_UNITS: Recall[dict[str, str]] = Recall(most=4096)

COMPARATORS = frozenset({"<", "<=", ">=", ">"})


def number(text: str) -> dict[str, Any] | None:
    """A Quantity's value and comparator; None when the text is not exactly a number."""
    text = text.strip()
    found = _NUMBER.fullmatch(text) if len(text) <= _MOST_CHARS else None
    if found is None:
        return None
    out: dict[str, Any] = {"value": Decimal(found[2])}
    if found[1]:
        out["comparator"] = found[1]
    return out


def units_of(obx: Segment, scope: Scope) -> dict[str, str]:
    """The unit of OBX-6: its text always, its code when it is UCUM. Not to be changed.

    Source: HL7 v2-to-FHIR, CWE[Quantity]; FHIR R4 Quantity.
    """
    raw = obx.field(6)
    if not raw:
        return {}
    known: dict[str, str] | None = scope.memory.get(("unit", raw))
    if known is None:
        known = _UNITS.of(raw, scope, lambda: unit_of(obx[6].first, scope))
        scope.memory["unit", raw] = known
    return known


def unit_of(rep: Rep, scope: Scope) -> dict[str, str]:
    """The unit of a CE or CWE: what it is called, and its UCUM code where only one can be meant."""
    code, text = rep[1].strip(), rep[2].strip()
    out: dict[str, str] = {}
    if shown := text or code:
        out["unit"] = shown
    for first in (1, 4):  # the alternate triplet may be the one of UCUM
        system = rep[first + 2].strip().upper()
        if system.startswith("UCUM") or system == UCUM.upper():
            ucum = rep[first].strip()
            if ucum and " " not in ucum:
                return {**out, "system": UCUM, "code": ucum}
        if system == "MDC" and (found := _of_monitor(rep[first], rep[first + 1], scope)):
            return found
    row = scope.tables["Ucum"].get(code or text)
    if row is not None and row.to:
        out["system"], out["code"] = UCUM, row.to
    elif row is None and out:
        scope.unknown_code("Ucum", rep.at)
    return out


def _of_monitor(code: str, name: str, scope: Scope) -> dict[str, str]:
    """A unit of IEEE 11073-10101, by number or by name, as UCUM has it."""
    table = scope.tables["MonitorUnits"]
    row = table.get(code.strip()) or table.get(name.strip())
    if row is None or not row.to:
        return {}
    return {"unit": row.display or row.to, "system": UCUM, "code": row.to}


@converter("CQ.Quantity")
def quantity(rep: Rep, at: At) -> dict[str, Any] | None:
    """A CQ: an amount and its unit, whose parts are subcomponents of the second component.

    Source: HL7 v2-to-FHIR, CQ[Quantity]; SimpleQuantity takes no comparator.
    """
    found = number(rep[1])
    if found is None or "comparator" in found:
        if rep[1]:
            at.scope.warn(rep.at, "no number; left out")
        return None
    return {**found, **(unit_of(rep.part(2), at.scope) if rep.component(2) else {})}
