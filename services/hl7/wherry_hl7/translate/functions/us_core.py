"""PID-10 and PID-22 become the US Core race and ethnicity extensions, where their codes say so."""

import re
from typing import Any, NamedTuple

from wherry.hl7.segment import Rep, Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.table import Row, Table
from wherry_hl7.translate.at import At
from wherry_hl7.translate.functions.extensions import extended

_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CDC = re.compile(r"\d{4}-\d", re.ASCII)  # the form of a CDC code, whatever its system is called

# Coding systems whose codes the tables know; in all others the same letter may mean something else.
_KNOWN = frozenset(
    {"", "CDCREC", "HL70005", "HL70189", "0005", "0189", "2.16.840.1.113883.6.238",
     "URN:OID:2.16.840.1.113883.6.238", "PH_RACEANDETHNICITY_CDC"}
)  # fmt: skip


@function("us_core_race")
def us_core_race(pid: Segment, out: Resource, at: At) -> None:
    """PID-10: the OMB categories, what is finer than these, and all of it as text.

    Source: US Core 3.1.1, us-core-race.
    """
    _categorised(pid, _RACE, out, at)


@function("us_core_ethnicity")
def us_core_ethnicity(pid: Segment, out: Resource, at: At) -> None:
    """PID-22: the OMB category, what is finer than it, and all of it as text.

    Source: US Core 3.1.1, us-core-ethnicity.
    """
    _categorised(pid, _ETHNICITY, out, at)


class _Said(NamedTuple):
    """Which field says it, as which extension, by which tables, with how many categories."""

    number: int
    name: str
    codes: str
    categories: str
    most: int


_RACE = _Said(10, "race", "Race", "RaceCategory", 5)
_ETHNICITY = _Said(22, "ethnicity", "Ethnicity", "EthnicityCategory", 1)


def _categorised(pid: Segment, said: _Said, out: Resource, at: At) -> None:
    number = said.number
    raw = pid.field(number)
    if not raw:
        return
    url = _US_CORE + said.name
    if raw == '""':
        at.deletes.append(f"extension:{url}")
        at.scope.take(pid, frozenset({number}))
        return
    codes, categories = at.scope.tables[said.codes], at.scope.tables[said.categories]
    found = [(rep, row) for rep in pid[number].reps if (row := _row(rep, codes, at))]
    if not found:
        return
    at.scope.take(pid, frozenset({number}))
    parts = _parts([row for _, row in found], categories, most=said.most)
    text = ", ".join(dict.fromkeys(rep[2] or row.display for rep, row in found))
    parts.append({"url": "text", "valueString": text})
    extended(out, {"url": url, "extension": parts})


def _row(rep: Rep, table: Table, at: At) -> Row | None:
    """The row of the first code of a repetition that is of a system which the table knows."""
    for code, system in ((rep[1], rep[3]), (rep[4], rep[6])):
        said = code.strip()
        if said and (system.strip().upper() in _KNOWN or _CDC.fullmatch(said)):
            row = table.find(code)
            if row is not None and row.to:
                return row
    if rep.raw.strip():
        at.scope.unknown_code(table.name, rep.at)
    return None


def _parts(rows: list[Row], categories: Table, *, most: int) -> list[dict[str, Any]]:
    """The categories once each, then the codes that are finer than a category."""
    above: dict[str, dict[str, Any]] = {}
    finer: dict[str, dict[str, Any]] = {}
    for row in rows:
        category = categories.get(row.to)
        if category is not None and category.to:
            above.setdefault(category.to, _coding("ombCategory", category))
        elif row.system.endswith("NullFlavor"):
            above.setdefault(row.to, _coding("ombCategory", row))
        top = category is not None and category.to == row.to
        if not top and not row.system.endswith("NullFlavor"):
            finer.setdefault(row.to, _coding("detailed", row))
    return [*list(above.values())[:most], *finer.values()]


def _coding(part: str, row: Row) -> dict[str, Any]:
    said = {"system": row.system, "code": row.to, "display": row.display}
    return {"url": part, "valueCoding": {name: value for name, value in said.items() if value}}
