"""The table of search parameters: which elements of which type answer which name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from wherry_ehr.search.types import types

Path = tuple[str, ...]

# Tokens with few different values: an index row would not narrow a search, so they are kept in the
# resource's own row.
FACETS = frozenset({"status", "category"})


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter of one type.

    `row` is the name its index rows go by; parameters over the same elements share their rows. The
    values of a `facet` are kept in the resource's own row.
    """

    name: str
    kind: str
    paths: tuple[Path, ...] = ()
    targets: frozenset[str] = frozenset()
    row: str = ""
    facet: bool = False


# Source: FHIR R4 search, 3.1.1.4.1 (parameters of every resource).
COMMON = {"_id": Param("_id", "id"), "_lastUpdated": Param("_lastUpdated", "updated")}


@cache
def parameters() -> Mapping[str, Mapping[str, Param]]:
    """Every type's parameters by name, common ones included."""
    table: dict[str, dict[str, Param]] = {type_: dict(COMMON) for type_ in sorted(types())}
    rows: dict[tuple[str, str, str], str] = {}
    text = files("wherry_ehr.search").joinpath("r4.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        type_, name, kind, elements, *targets = line.split("\t")
        row = rows.setdefault((type_, kind, elements), f"{type_}.{name}")
        table[type_][name] = Param(
            name=name,
            kind=kind,
            paths=tuple(tuple(path.split(".")) for path in elements.split()),
            targets=_types(targets[0]) if targets else frozenset(),
            row=row,
            facet=name in FACETS,
        )
    return table


@cache
def indexed(type_: str) -> tuple[Param, ...]:
    """The parameters that a resource of this type is indexed by, one per row name."""
    by_row: dict[str, Param] = {}
    for param in parameters()[type_].values():
        if not param.row:
            continue
        held = by_row.get(param.row, param)
        by_row[param.row] = replace(param, targets=held.targets | param.targets)
    return tuple(by_row.values())


def _types(targets: str) -> frozenset[str]:
    return types() if targets == "*" else frozenset(targets.split())
