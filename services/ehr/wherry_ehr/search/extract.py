"""A resource becomes the index rows that searches will find it by."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

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


class Held(NamedTuple):
    """What one element of a resource is found by, whichever resource has it.

    Tokens are (row, code, system), dates (row, start, stop); references are not resolved yet and
    stand with their row and the types that it takes.
    """

    tokens: Sequence[tuple[str, str, str]] = ()
    references: Sequence[tuple[str, frozenset[str], Sequence[str]]] = ()
    dates: Sequence[tuple[str, int, int]] = ()
    facets: str = ""


def index(type_: str, resource: Resource, rid: int, links: Mapping[str, str], into: Rows) -> str:
    """Add the rows of one resource to `into` and return its facets.

    `links` say what references by urn or condition became.
    """
    held = (held_in(type_, name, value) for name, value in resource.items())
    return add(filter(None, held), rid, links, into)


def add(every: Iterable[Held], rid: int, links: Mapping[str, str], into: Rows) -> str:
    """As `index`, of elements that were looked at before."""
    facets = ""
    for tokens, references, dates, facet_text in every:
        if facet_text:
            facets += facet_text
        if tokens:
            into.tokens += [(row, code, rid, system) for row, code, system in tokens]
        if dates:
            into.dates += [(rid, *one) for one in dates]
        for row, types, texts in references:
            into.references += [(row, target, rid) for target in _targets(types, texts, links)]
    return facets


def held_in(type_: str, name: str, value: Any) -> Held | None:
    """What this element holds that searches ask for; None when they never ask for it."""
    steps = _steps(type_).get(name)
    if steps is None or value is None:
        return None
    facets = ""
    tokens: list[tuple[str, str, str]] = []
    references: list[tuple[str, frozenset[str], Sequence[str]]] = []
    dates: list[tuple[str, int, int]] = []
    for rest, param in steps:
        found = list(_walk(value, rest)) if rest else value
        if param.facet:
            facets += "".join([facet(param.name, *one) for one in _tokens(found)])
        elif param.kind == "token":
            tokens += [(param.row, code, system) for system, code in _tokens(found)]
        elif param.kind == "reference":
            references.append((param.row, param.targets, _references(found)))
        else:
            dates += [(param.row, *when) for when in _spans(found)]
    return Held(tokens, references, dates, facets)


@cache
def _steps(type_: str) -> Mapping[str, Sequence[tuple[Path, Param]]]:
    steps: dict[str, list[tuple[Path, Param]]] = {}
    for one in indexed(type_):
        for first, *rest in one.paths:
            steps.setdefault(first, []).append((tuple(rest), one))
    return steps


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


def _references(value: Any) -> Sequence[str]:
    """The texts of a Reference or canonical, one or many; what is inside the resource is left."""
    items = value if isinstance(value, list) else (value,)
    texts = [one.get("reference") if isinstance(one, dict) else one for one in items]
    return [text for text in texts if text and text[0] != "#"]


def _targets(
    types: frozenset[str], references: Sequence[str], links: Mapping[str, str]
) -> Collection[str]:
    """`Type/id` or absolute addresses, where the parameter takes the type."""
    found = []
    for reference in references:
        target = links.get(reference, reference).partition("/_history/")[0]
        if ":" in target or target.partition("/")[0] in types:
            found.append(target[:VALUE_CHARS])
    return found if len(found) < 2 else sorted(set(found))


def _spans(value: Any) -> Collection[Interval]:
    if isinstance(value, list):
        return sorted({span(one) for one in value})
    return (span(value),)
