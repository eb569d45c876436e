"""Which R4 elements a table's codes go to, and the codes that such an element may not hold."""

from collections.abc import Iterator, Mapping, Sequence

from wherry.errors import Failure, Kind
from wherry.fhir.r4.tables import all_codes, codes, type_
from wherry_hl7.mapping.table import Row, Table
from wherry_hl7.mapping.table_text import lines

HEADER = ("table", "element")


def parse(text: str, *, path: str) -> Mapping[str, Sequence[str]]:
    """The elements by table name, as `Patient.gender`. Raises: Failure INVALID."""
    found: dict[str, list[str]] = {}
    for at, (name, element) in lines(text, HEADER, path):
        if element in found.setdefault(name, []):
            raise Failure(Kind.INVALID, "the same element twice", at=at)
        value_set(element, at=at)
        found[name].append(element)
    return found


def value_set(element: str, *, at: str) -> str:
    """The value set that R4 requires for an element. Raises: Failure INVALID when there is none."""
    name, *keys = element.split(".")
    found = ""
    for key in keys:
        try:
            item = type_(name).properties[key]
        except KeyError:
            raise Failure(Kind.INVALID, f"R4 has no element {element}", at=at) from None
        name, found = item.type, item.codes
    if not found:
        raise Failure(Kind.INVALID, f"R4 requires no value set for {element}", at=at)
    return found


def check(table: Table, elements: Sequence[str]) -> None:
    """Whether every target may stand in these elements. Raises: Failure INVALID for the first."""
    for element in elements:
        allowed = value_set(element, at=table.path)
        for row in _targets(table):
            if not _is_in(row, allowed):
                detail = f"{row.to} is not a code that R4 allows in {element} ({allowed})"
                raise Failure(Kind.INVALID, detail, at=row.at)


def _is_in(row: Row, allowed: str) -> bool:
    if row.system:
        return row.to in codes(allowed).get(row.system, ())
    return row.to in all_codes(allowed)


def _targets(table: Table) -> Iterator[Row]:
    rows = [*table.listed.values(), *([table.default] if table.default else ())]
    return (row for row in rows if row.to)
