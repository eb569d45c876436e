"""The table of search parameters: which elements of which type answer which name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from wherry_ehr.search.types import types

Path = tuple[str, ...]
"""Names of elements. `?name=value` keeps what has this value, `!true` stands for a truth."""

# Tokens that narrow a search have index rows; all others are kept in the resource's own row.
INDEXED_TOKENS = frozenset({"identifier", "code"})

ROWS = frozenset({"token", "reference", "date", "string", "quantity", "number"})
"""Kinds with index rows, apart from facets."""


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter of one type.

    `rows` are the names that its index rows go by; parameters over the same elements share them.
    The values of a `facet` are kept in the resource's own row. `pairs` are the parts of a
    composite: the names of two parameters.
    """

    name: str
    kind: str
    paths: tuple[Path, ...] = ()
    targets: frozenset[str] = frozenset()
    rows: tuple[str, ...] = ()
    facet: bool = False
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def row(self) -> str:
        """The name of its rows, where there is one."""
        return self.rows[0] if self.rows else ""

    @property
    def key(self) -> str:
        """What its entries in the resource's own row go by."""
        return self.row or self.name


# Source: FHIR R4 search, 3.1.1.4.1 (parameters of every resource).
COMMON = {
    "_id": Param("_id", "id"),
    "_lastUpdated": Param("_lastUpdated", "updated"),
    "_profile": Param("_profile", "uri", (("meta", "profile"),), facet=True),
    "_security": Param("_security", "token", (("meta", "security"),), facet=True),
    "_source": Param("_source", "uri", (("meta", "source"),), facet=True),
    "_tag": Param("_tag", "token", (("meta", "tag"),), facet=True),
}


@cache
def parameters() -> Mapping[str, Mapping[str, Param]]:
    """Every type's parameters by name, common ones included."""
    table: dict[str, dict[str, Param]] = {type_: dict(COMMON) for type_ in sorted(types())}
    rows: dict[tuple[str, str, str], str] = {}
    for type_, name, kind, elements, *targets in lines("r4.tsv"):
        if kind == "composite":
            pairs = tuple(_pair(words) for words in elements.split())
            table[type_][name] = Param(name, kind, pairs=pairs)
            continue
        facet = kind == "uri" or (kind == "token" and name not in INDEXED_TOKENS)
        # each element of an amount has its own rows: combinations of parameters would double them
        each = elements.split() if kind in {"quantity", "number"} else [elements]
        table[type_][name] = Param(
            name=name,
            kind=kind,
            paths=tuple(tuple(path.split(".")) for path in elements.split()),
            targets=_types(targets[0]) if targets else frozenset(),
            rows=()
            if facet
            else tuple(
                rows.setdefault((type_, kind, one), f"{type_}.{name}{f'.{n}' if n else ''}")
                for n, one in enumerate(each)
            ),
            facet=facet,
        )
    return table


@cache
def indexed(type_: str) -> tuple[Param, ...]:
    """The parameters that a resource of this type is indexed by: each row name once, all facets."""
    by_row: dict[str, Param] = {}
    for param in parameters()[type_].values():
        if param.facet:
            by_row[f"?{param.name}"] = param
        for path, row in _placed(param):
            one = replace(param, paths=path, rows=(row,))
            held = by_row.get(row, one)
            by_row[row] = replace(held, targets=held.targets | one.targets)
    return tuple(by_row.values())


@dataclass(frozen=True, slots=True)
class Group:
    """Two parameters whose values belong together inside one repeated element."""

    element: str
    token: Param
    value: Param


@cache
def groups(type_: str) -> tuple[Group, ...]:
    """The composites of this type whose parts stand side by side in one element."""
    held = parameters()[type_]
    found: dict[tuple[str, str], Group] = {}
    for param in held.values():
        for token, value in param.pairs:
            first, second = pair_of(held[token], held[value])
            if element := shared_element(first, second):
                found[token, value] = Group(element, first, second)
    return tuple(found.values())


def pair_of(first: Param, second: Param) -> tuple[Param, Param]:
    """The token of a pair, then its value: what is referred to stands first, its kind second."""
    return (second, first) if first.kind == "reference" else (first, second)


def shared_element(token: Param, value: Param) -> str:
    """The element in which both parts stand; empty when that is the resource."""
    firsts = {path[0] for path in (*token.paths, *value.paths)}
    return firsts.pop() if len(firsts) == 1 and all(len(p) > 1 for p in token.paths) else ""


def paired_row(type_: str, value: Param, system: str | None, code: str) -> str:
    """The rows of a value beside this token; without a system, beside the code of any."""
    text = f"{code}\x1f{'*' if system is None else system}"
    return f"{type_}.{value.name}${blake2b(text.encode(), digest_size=8).hexdigest()}"


def lines(name: str) -> Iterator[list[str]]:
    """The rows of a table beside this file, without its headline."""
    text = files("wherry_ehr.search").joinpath(name).read_text(encoding="utf-8")
    yield from (line.split("\t") for line in text.splitlines()[1:])


@cache
def edition() -> str:
    """Changes whenever resources have to be indexed anew."""
    text = files("wherry_ehr.search").joinpath("r4.tsv").read_bytes()
    return blake2b(text + _EXTRACTION, digest_size=8).hexdigest()


_EXTRACTION = b"2"
"""Changed by hand when `search.extract` finds other values in the same elements."""


def _placed(param: Param) -> Iterator[tuple[tuple[Path, ...], str]]:
    if len(param.rows) == 1:
        yield param.paths, param.rows[0]
    else:
        yield from (((path,), row) for path, row in zip(param.paths, param.rows, strict=False))


def _pair(words: str) -> tuple[str, str]:
    first, _, second = words.partition("$")
    return first, second


def _types(targets: str) -> frozenset[str]:
    return types() if targets == "*" else frozenset(targets.split())
