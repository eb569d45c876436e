"""A resource becomes the index rows that searches will find it by."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from wherry.fhir.interval import Interval, span
from wherry.resource import Resource
from wherry_ehr.search.params import Param, Path, indexed

VALUE_CHARS = 500
"""Longer identifiers and codes are indexed and searched by their first characters."""

RECORD, UNIT = "\x1e", "\x1f"
"""Separators inside `facets`; FHIR strings cannot hold them."""


@dataclass(slots=True)
class Rows:
    """Index rows of many resources, in the column order of their tables."""

    tokens: list[tuple[str, str, int, str]] = field(default_factory=list)
    references: list[tuple[str, str, int]] = field(default_factory=list)
    dates: list[tuple[int, str, int, int]] = field(default_factory=list)


def index(type_: str, resource: Resource, rid: int, links: Mapping[str, str], into: Rows) -> str:
    """Add the rows of one resource to `into` and return its facets.

    `links` say what references by urn or condition became.
    """
    facets = ""
    get = resource.get
    for first, rest, param in _steps(type_):
        value = get(first)
        if value is None:
            continue
        if rest:
            value = list(_walk(value, rest))
        if param.facet:
            facets += "".join([facet(param.name, *one) for one in _tokens(value)])
        elif param.kind == "token":
            row = param.row
            into.tokens += [(row, code, rid, system) for system, code in _tokens(value)]
        elif param.kind == "reference":
            targets = _targets(param, value, links)
            into.references += [(param.row, target, rid) for target in targets]
        else:
            into.dates += [(rid, param.row, *when) for when in _spans(value)]
    return facets


@cache
def _steps(type_: str) -> tuple[tuple[str, Path, Param], ...]:
    return tuple((path[0], path[1:], one) for one in indexed(type_) for path in one.paths)


def facet(name: str, system: str, code: str) -> str:
    """One token as it is kept inside the resource's row: any of its parts can be looked for."""
    return f"{RECORD}{code}{UNIT}{name}{UNIT}{system}{RECORD}"


def _walk(value: Any, path: Path) -> Iterator[Any]:
    """Every value under a path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _walk(value[path[0]], path[1:])


def _tokens(value: Any) -> Collection[tuple[str, str]]:
    """(system, code) of Identifier, CodeableConcept, Coding, code or boolean, one or many."""
    found = []
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, dict):
            for one in item.get("coding", (item,)):
                if code := one.get("code") or one.get("value"):
                    found.append(((one.get("system") or "")[:VALUE_CHARS], code[:VALUE_CHARS]))
        else:
            text = item if isinstance(item, str) else str(item).lower()
            found.append(("", text[:VALUE_CHARS]))
    return found if len(found) < 2 else sorted(set(found))


def _targets(param: Param, value: Any, links: Mapping[str, str]) -> Collection[str]:
    """`Type/id` or absolute addresses, where the parameter allows the type."""
    found = []
    for one in value if isinstance(value, list) else (value,):
        reference = one.get("reference") if isinstance(one, dict) else one
        if reference and reference[0] != "#":
            target = links.get(reference, reference).partition("/_history/")[0]
            if ":" in target or target.partition("/")[0] in param.targets:
                found.append(target[:VALUE_CHARS])
    return found if len(found) < 2 else sorted(set(found))


def _spans(value: Any) -> Collection[Interval]:
    if isinstance(value, list):
        return sorted({span(one) for one in value})
    return (span(value),)
