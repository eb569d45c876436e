"""The code tables that are shipped, and a sender's own rows over them."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.table import DEFAULT, Row, Table, table
from wherry_hl7.mapping.table_text import HEADER, is_exact, lines, row

__all__ = ["BINDINGS", "Row", "Table", "load_shipped", "overlaid", "own_rows", "parse"]

BINDINGS = "bindings.csv"
"""The file beside the tables that says which R4 elements a table's codes go to."""

Tables = Mapping[str, Table]
Own = Mapping[str, Mapping[str, str | Row]]
"""A sender's rows by table and code: the target alone, or the whole row."""


def parse(name: str, text: str, *, path: str) -> Table:
    """The table of a CSV text. Raises: Failure INVALID with file and line."""
    rows: dict[str, Row] = {}
    keys: dict[str, Row] = {}
    exact = is_exact(text)
    for at, cells in lines(text, HEADER, path):
        code, found = row(cells, at)
        key = code if exact else code.upper()
        if key in keys:
            raise _twice(keys[key], at)
        rows[code] = keys[key] = found
    return table(name, path, rows, exact=exact)


@cache
def load_shipped() -> Tables:
    """Every table of the package by name, read once."""
    folder = resources.files("wherry_hl7") / "maps" / "tables"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".csv") and file.name != BINDINGS),
        key=lambda file: file.name,
    )
    return MappingProxyType(
        {
            (name := file.name.removesuffix(".csv")): parse(
                name, file.read_text(encoding="utf-8"), path=f"maps/tables/{file.name}"
            )
            for file in files
        }
    )


def own_rows(text: str, *, path: str) -> Own:
    """A sender's rows from a CSV text with a column `table` in front. Raises: Failure INVALID."""
    found: dict[str, dict[str, str | Row]] = {}
    seen: dict[str, Row] = {}
    for at, (name, *cells) in lines(text, ("table", *HEADER), path):
        code, one = row(cells, at)
        if (key := f"{name} {code}") in seen:
            raise _twice(seen[key], at)
        seen[key] = found.setdefault(name, {})[code] = one
    return found


def overlaid(tables: Tables, own: Own, *, path: str) -> Tables:
    """The tables with a sender's own rows over them; `path` is the file that the rows are from.

    A row without a system takes system and display from the table's row with the same target.
    Raises: Failure INVALID for a table that does not exist or a system that cannot be told.
    """
    changed = {
        name: _laid_over(_named(tables, name, path), rows, path) for name, rows in own.items()
    }
    return MappingProxyType({**tables, **changed})


def _laid_over(under: Table, own: Mapping[str, str | Row], path: str) -> Table:
    said = {under.key(code): (code.strip(), row) for code, row in own.items()}
    rows = {code: row for code, row in under.listed.items() if under.key(code) not in said}
    if under.default is not None:
        rows[DEFAULT] = under.default
    for code, row_ in said.values():
        at = f"{path}: {under.name} {code}"
        given = Row(row_, at=at) if isinstance(row_, str) else row_
        rows[code] = _completed(given, under)
    return table(under.name, under.path, rows, exact=under.exact)


def _completed(given: Row, under: Table) -> Row:
    if given.system or not given.to:
        return given
    targets = [known for known in under.listed.values() if known.to]
    same = next((known for known in targets if known.to == given.to), None)
    if same is not None:
        return Row(given.to, same.system, given.display or same.display, given.at)
    systems = {known.system for known in targets}
    if len(systems) != 1:
        detail = f"the table {under.name} has several code systems: name the one of {given.to}"
        raise Failure(Kind.INVALID, detail, at=given.at)
    return Row(given.to, systems.pop(), given.display, given.at)


def _named(tables: Tables, name: str, path: str) -> Table:
    if name not in tables:
        raise Failure(Kind.INVALID, f"there is no code table {name}", at=path)
    return tables[name]


def _twice(before: Row, at: str) -> Failure:
    return Failure(Kind.INVALID, f"the code is in the table already, at {before.at}", at=at)
