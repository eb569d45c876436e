"""Texts that hold numbers and units (NM, SN, OBX-6, OBX-7) become Quantities, digits unchanged."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from wherry.fhir.systems import UCUM
from wherry.hl7.segment import Segment
from wherry_hl7.translate.scope import Scope

# A number by NM (HL7 v2.5.1 §2.A.45), with the exponent that some analysers send; nothing else.
_NUMBER = re.compile(r"(<=|>=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)", re.ASCII)
_MOST_CHARS = 40
_RANGE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:-|to|–)\s*([+-]?\d+(?:\.\d+)?)", re.ASCII)
_LIMIT = re.compile(r"(<=?|>=?)\s*([+-]?\d+(?:\.\d+)?)", re.ASCII)

COMPARATORS = frozenset({"<", "<=", ">=", ">"})

# Units in the form that UCUM gives them. Source: UCUM 2.1, common units of FHIR R4 (ucum-common).
_UCUM_CODES = frozenset(
    """% /min /h /d /L /uL /mL /[HPF] /[LPF] 10*3/uL 10*6/uL 10*9/L 10*12/L 10*3/mL Cel [degF] K cm
    m mm [in_i] [ft_i] kg g mg ug ng pg [lb_av] [oz_av] kg/m2 L mL dL uL fL L/min mL/min mL/h
    mL/min/{1.73_m2} mL/kg/h g/dL g/L mg/dL mg/L mg/mL ug/dL ug/L ug/mL ng/dL ng/mL ng/L pg/mL
    mmol/L mmol/mol umol/L nmol/L pmol/L mol/L mmol meq/L meq U/L U/mL [IU]/L [IU]/mL k[IU]/L
    m[IU]/L m[IU]/mL u[IU]/mL mm[Hg] kPa cm[H2O] mosm/kg s min h d wk mo a {score} {ratio} {INR}
    [pH] mm/h ms mV J kcal kcal/d mg/g mg/kg ug/min mg/h 1 %{hemoglobin}""".split()  # noqa: SIM905 - as the table
)

# What senders write for a UCUM unit where only one can be meant.
_MEANT = {
    "mmHg": "mm[Hg]",
    "mm Hg": "mm[Hg]",
    "bpm": "/min",
    "beats/min": "/min",
    "breaths/min": "/min",
    "br/min": "/min",
    "degC": "Cel",
    "deg C": "Cel",
    "°C": "Cel",
    "degF": "[degF]",
    "deg F": "[degF]",
    "°F": "[degF]",
    "mEq/L": "meq/L",
    "IU/L": "[IU]/L",
    "mIU/L": "m[IU]/L",
    "10^3/uL": "10*3/uL",
    "10^6/uL": "10*6/uL",
    "10^9/L": "10*9/L",
    "lbs": "[lb_av]",
}


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


def units_of(segment: Segment, scope: Scope, number: int = 6) -> dict[str, str]:
    """The unit of a CE such as OBX-6: its text, its code when it is UCUM. Not to be changed.

    Source: HL7 v2-to-FHIR, CWE[Quantity]; FHIR R4 Quantity.
    """
    raw = segment.field(number)
    if not raw:
        return {}
    if scope.standard and not _SPLIT.search(raw):
        parts = [part.strip() for part in raw.split("^", 3)]
        return _unit(*[*parts[:3], "", ""][:3])
    rep = segment[number].first
    return _unit(rep[1].strip(), rep[2].strip(), rep[3].strip().upper())


_SPLIT = re.compile(r'[~\\&"]')


@lru_cache(maxsize=4096)
def _unit(code: str, text: str, system: str) -> dict[str, str]:
    out: dict[str, str] = {}
    if shown := text or code:
        out["unit"] = shown
    said_ucum = system.startswith("UCUM") or system == UCUM.upper()
    ucum = code if (said_ucum and code and " " not in code) or code in _UCUM_CODES else ""
    if ucum := ucum or _MEANT.get(code, "") or ("" if code else _MEANT.get(text, "")):
        out["system"], out["code"] = UCUM, ucum
    return out


def reference_range(text: str, units: dict[str, str]) -> dict[str, Any]:
    """OBX-7 as a reference range: its text always, low and high where it says them plainly."""
    text = text.strip()
    out: dict[str, Any] = {}
    if found := _RANGE.fullmatch(text):
        low, high = Decimal(found[1]), Decimal(found[2])
        if low <= high:
            out = {"low": {"value": low, **units}, "high": {"value": high, **units}}
    elif found := _LIMIT.fullmatch(text):
        # R4's limits are inclusive and take no comparator (SimpleQuantity): the text keeps < and >
        side = "high" if found[1][0] == "<" else "low"
        out = {side: {"value": Decimal(found[2]), **units}}
    return {**out, "text": text}
