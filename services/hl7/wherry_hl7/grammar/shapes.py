"""A data type → what its texts must look like, how long they may be and which codes it takes."""

import re
from collections.abc import Callable
from functools import cache

from wherry_hl7.grammar.corrections import more_codes
from wherry_hl7.grammar.tables import definition, lines

Shape = Callable[[str], object]
"""Truthy for a text that has the shape of a data type."""

_ZONE = r"(?:[+-]\d{4})?"
_DATE = r"\d{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])%s)?)?"
_TIME = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,4})?)?)?"

# Source: HL7 v2.5.1 §2.A.21 (DT), §2.A.22 (DTM), §2.A.47 (NM), §2.A.70 (SI), §2.A.75 (TM)
_SHAPES: dict[str, str] = {
    "DT": _DATE % "",
    "DTM": _DATE % f"(?:{_TIME})?" + _ZONE,
    "TM": _TIME + _ZONE,
    "NM": r"[+-]?(?:\d+\.?\d*|\.\d+)",
    "SI": r"\d+",
}


@cache
def shape_of(datatype: str) -> Shape | None:
    """The test for texts of this data type; None when any text will do."""
    pattern = _SHAPES.get("DTM" if datatype == "TS" else datatype)
    return re.compile(pattern).fullmatch if pattern else None


@cache
def length_of(name: str, *, newer: bool) -> int | None:
    """The greatest length of a data type, or of a field such as MSH-10. Units: characters."""
    found = _lengths().get(name)
    text = found[int(newer)] if found else "-"
    return None if text == "-" else int(text)


@cache
def codes_of(table: str, *, newer: bool) -> frozenset[str] | None:
    """The codes of a short HL7 table; None when anything may stand there."""
    text = definition("codes", table, newer=newer)
    return more_codes(table).union(text.split()) if text else None


@cache
def _lengths() -> dict[str, tuple[str, str]]:
    rows = (line.split() for line in lines("lengths"))
    return {name: (old, new) for name, old, new in rows}
