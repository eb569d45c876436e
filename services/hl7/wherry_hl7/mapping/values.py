"""A text becomes a FHIR primitive or a code, as the element that takes it wants."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from wherry_hl7.mapping.tables import Table
from wherry_hl7.mapping.targets import Target

ReadAs = Callable[[str, str, Any], Any]

_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
_YES_NO = {"Y": True, "N": False}  # HL7 table 0136


def plain(where: Target) -> ReadAs:
    """A function `(text, place, at)` that reads a text for this element; None when it cannot be."""
    return _PLAIN.get(where.type, _string)


def _string(text: str, place: str, at: Any) -> Any:
    del place, at
    return text.strip() or None


def _code(text: str, place: str, at: Any) -> Any:
    del place, at
    return " ".join(text.split()) or None


def _boolean(text: str, place: str, at: Any) -> Any:
    found = _YES_NO.get(text.strip().upper())
    if found is None:
        at.scope.warn(place, "not a yes/no indicator; left out")
    return found


def decimal(text: str, place: str, at: Any) -> Any:
    """A number of a text, digits unchanged; None and a warning when it is none."""
    if _NUMBER.fullmatch(text.strip()):
        return Decimal(text.strip())
    at.scope.warn(place, "not a number; left out")
    return None


def _whole(smallest: int) -> ReadAs:
    def read(text: str, place: str, at: Any) -> Any:
        digits = text.strip()
        if digits.isdecimal() and digits.isascii() and smallest <= int(digits[:12]) < 2**31:
            return int(digits)
        at.scope.warn(place, "not a whole number that FHIR can hold; left out")
        return None

    return read


def _uri(text: str, place: str, at: Any) -> Any:
    if re.search(r"\s", text.strip()):
        at.scope.warn(place, "not an address; left out")
        return None
    return text.strip() or None


_PLAIN: dict[str, ReadAs] = {
    "code": _code,
    "boolean": _boolean,
    "decimal": decimal,
    "integer": _whole(-(2**31)),
    "positiveInt": _whole(1),
    "unsignedInt": _whole(0),
    "uri": _uri,
    "url": _uri,
    "canonical": _uri,
}


def by_table(table: Table, where: Target) -> ReadAs:
    """A function that looks a text up: a code, a Coding or a CodeableConcept."""
    shape = _SHAPES.get(where.type, _as_code)

    def read(text: str, place: str, at: Any) -> Any:
        row = table.find(text)
        if row is None:
            at.scope.unknown_code(table.name, place)
            return None
        return shape(row) if row.to else None

    return read


def beside_table(table: Table, convert: Callable[..., Any]) -> Callable[..., Any]:
    """A converter whose CodeableConcept has the table's coding before those that were sent."""

    def run(rep: Any, at: Any, **with_: Any) -> Any:
        said = convert(rep, at, **with_)
        if not said or not rep[1]:
            return said
        row = table.find(rep[1])
        if row is None:
            at.scope.unknown_code(table.name, rep.at)
            return said
        if not row.to:
            return said
        coding = _as_coding(row)
        kept = [one for one in said.get("coding", ()) if not _same(one, coding)]
        return {**said, "coding": [coding, *kept]}

    return run


def _as_code(row: Any) -> Any:
    return {"true": True, "false": False}.get(row.to, row.to)


def _as_coding(row: Any) -> dict[str, Any]:
    said = {"system": row.system, "code": row.to, "display": row.display}
    return {name: value for name, value in said.items() if value}


def _as_concept(row: Any) -> dict[str, Any]:
    return {"coding": [_as_coding(row)]}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one.get("system"), one.get("code")) == (other.get("system"), other.get("code"))


def _as_number(row: Any) -> int:
    return int(row.to)


_SHAPES: dict[str, Callable[[Any], Any]] = {
    "CodeableConcept": _as_concept,
    "Coding": _as_coding,
    **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), _as_number),
}
