"""A resource becomes the index rows that searches will find it by."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from wherry.fhir.interval import Interval, span
from wherry.resource import Resource
from wherry_ehr.search import amounts
from wherry_ehr.search.normal import TEXT_CHARS, normal, words
from wherry_ehr.search.params import Group, Param, Path, groups, indexed, paired_row

VALUE_CHARS = 500
"""Longer identifiers and codes are indexed and searched by their first characters."""

RECORD, UNIT = "\x1e", "\x1f"
"""Separators inside `facets`; FHIR strings cannot hold them."""

MAX_TEXTS = 20
"""Of one element; a coding with more displays than this is not searched by them."""

Amount = tuple[str, float, float, str, str, str]


@dataclass(slots=True)
class Rows:
    """Index rows of many resources, in the column order of their tables."""

    tokens: list[tuple[str, str, int, str]] = field(default_factory=list)
    references: list[tuple[str, str, int]] = field(default_factory=list)
    dates: list[tuple[int, str, int, int]] = field(default_factory=list)
    strings: list[tuple[int, str, str, str]] = field(default_factory=list)
    amounts: list[tuple[int, str, float, float, str, str, str]] = field(default_factory=list)


class Held(NamedTuple):
    """What one element of a resource is found by, whichever resource has it.

    Tokens are (row, code, system), dates (row, start, stop), strings (row, text as compared, text),
    amounts (row, low, high, system, code, unit); references are not resolved yet and stand with
    their row and the types that it takes.
    """

    tokens: Sequence[tuple[str, str, str]] = ()
    references: Sequence[tuple[str, frozenset[str], Sequence[str]]] = ()
    dates: Sequence[tuple[str, int, int]] = ()
    facets: str = ""
    strings: Sequence[tuple[str, str, str]] = ()
    amounts: Sequence[Amount] = ()


def index(type_: str, resource: Resource, rid: int, links: Mapping[str, str], into: Rows) -> str:
    """Add the rows of one resource to `into` and return its facets.

    `links` say what references by urn or condition became.
    """
    held = (held_in(type_, name, value) for name, value in resource.items())
    return add(filter(None, held), rid, links, into)


def add(every: Iterable[Held], rid: int, links: Mapping[str, str], into: Rows) -> str:
    """As `index`, of elements that were looked at before."""
    facets = ""
    for tokens, references, dates, facet_text, strings, held_amounts in every:
        if facet_text:
            facets += facet_text
        if tokens:
            into.tokens += [(row, code, rid, system) for row, code, system in tokens]
        if dates:
            into.dates += [(rid, *one) for one in dates]
        if strings:
            into.strings += [(rid, *one) for one in strings]
        if held_amounts:
            into.amounts += [(rid, *one) for one in held_amounts]
        for row, types, texts in references:
            into.references += [(row, target, rid) for target in _targets(types, texts, links)]
    return facets


def held_in(type_: str, name: str, value: Any) -> Held | None:
    """What this element holds that searches ask for; None when they never ask for it."""
    steps = _steps(type_).get(name)
    if steps is None or value is None:
        return None
    making = _Making()
    for rest, param in steps:
        if isinstance(param, Group):
            making.group(type_, value, param)
        else:
            making.take(param, list(walk(value, rest)) if rest else value)
    return making.made()


@dataclass(slots=True)
class _Making:
    """Gathers what one element holds."""

    tokens: list[tuple[str, str, str]] = field(default_factory=list)
    references: list[tuple[str, frozenset[str], Sequence[str]]] = field(default_factory=list)
    dates: list[tuple[str, int, int]] = field(default_factory=list)
    strings: list[tuple[str, str, str]] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    facets: str = ""

    def take(self, param: Param, found: Any) -> None:
        """Add what is found under the elements of this parameter."""
        if param.kind == "token":
            held = _tokens(found)
            if param.facet:
                self.facets += "".join([facet(param.name, *one) for one in held])
            else:
                self.tokens += [(param.row, code, system) for system, code in held]
            self.facets += "".join([text_facet(param.key, one) for one in _texts(found)])
        elif param.kind == "reference":
            self.references.append((param.row, param.targets, _references(found)))
            held = _logical(found)
            self.facets += "".join([facet(f"{param.key}:identifier", *one) for one in held])
        elif param.kind == "date":
            self.dates += [(param.row, *when) for when in _spans(found)]
        elif param.kind == "string":
            self.strings += [(param.row, *one) for one in _strings(found)]
        elif param.kind == "uri":
            texts = found if isinstance(found, list) else [found]
            self.facets += "".join([facet(param.name, "", one[:VALUE_CHARS]) for one in texts])
        else:
            self.amounts += [(param.row, *one) for one in amounts.held_amounts(found)]

    def group(self, type_: str, value: Any, group: Group) -> None:
        """Add the values that stand beside a token in one repetition of the element."""
        for item in value if isinstance(value, list) else (value,):
            found = [one for path in group.token.paths for one in walk(item, path[1:])]
            tokens = _tokens(found)
            for system, code in sorted({*tokens, *((None, code) for _, code in tokens)}, key=str):
                row = paired_row(type_, group.value, system, code)
                for path in group.value.paths:
                    self.take(_of_row(group.value, row), list(walk(item, path[1:])))

    def made(self) -> Held:
        """All of it."""
        return Held(
            self.tokens, self.references, self.dates, self.facets, self.strings, self.amounts
        )


@cache
def _steps(type_: str) -> Mapping[str, Sequence[tuple[Path, Param | Group]]]:
    steps: dict[str, list[tuple[Path, Param | Group]]] = {}
    for one in indexed(type_):
        for first, *rest in one.paths:
            steps.setdefault(first, []).append((tuple(rest), one))
    for group in groups(type_):
        steps.setdefault(group.element, []).append(((), group))
    return steps


@cache
def _of_row(param: Param, row: str) -> Param:
    return Param(param.name, param.kind, param.paths, param.targets, (row,))


def facet(name: str, system: str, code: str) -> str:
    """One token as it is kept inside the resource's row: any of its parts can be looked for."""
    return f"{RECORD}{code}{UNIT}{name}{UNIT}{system}{RECORD}"


def text_facet(name: str, text: str) -> str:
    """Words of a token inside the resource's row, to be found by their start."""
    return f"{RECORD}{UNIT}{name}:text{UNIT}{text}{RECORD}"


def walk(value: Any, path: Path) -> Iterator[Any]:
    """Every value under a path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from walk(item, path)
    elif not path:
        yield value
    elif path[0] == "!true":
        yield True
    elif path[0].startswith("?"):
        name, _, wanted = path[0][1:].partition("=")
        if isinstance(value, dict) and value.get(name) == wanted:
            yield from walk(value, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from walk(value[path[0]], path[1:])


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


def _texts(value: Any) -> Collection[str]:
    """The words beside codes. Source: FHIR R4 search, 3.1.1.4.10 (modifier :text)."""
    found: dict[str, None] = {}
    for item in value if isinstance(value, list) else (value,):
        if not isinstance(item, dict):
            continue
        kind = item.get("type")
        texts = [item.get("text"), item.get("display")]
        texts += [one.get("display") for one in item.get("coding", ())]
        texts += [kind.get("text")] if isinstance(kind, dict) else []
        found |= {normal(text): None for text in texts if text}
    return list(found)[:MAX_TEXTS]


def _references(value: Any) -> Sequence[str]:
    """The texts of a Reference or canonical, one or many; what is inside the resource is left."""
    items = value if isinstance(value, list) else (value,)
    texts = [one.get("reference") if isinstance(one, dict) else one for one in items]
    return [text for text in texts if text and text[0] != "#"]


def _logical(value: Any) -> Collection[tuple[str, str]]:
    """(system, value) of what is referred to by identifier; empty ones of what has only a name."""
    found = []
    for item in value if isinstance(value, list) else (value,):
        if not isinstance(item, dict):
            continue
        if identifier := item.get("identifier"):
            system, code = identifier.get("system") or "", identifier.get("value") or ""
            found.append((system[:VALUE_CHARS], code[:VALUE_CHARS]))
        elif "reference" not in item or item["reference"][:1] == "#":
            found.append(("", ""))
    return found


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


def _strings(value: Any) -> Collection[tuple[str, str]]:
    """Texts as they are compared, and as they stand."""
    found = {(normal(text), text[:TEXT_CHARS]) for text in words(value) if text}
    return sorted(found)


def _spans(value: Any) -> Collection[Interval]:
    if isinstance(value, list):
        return sorted({span(one) for one in value})
    return (span(value),)
