"""A resource as a whole, or the part of it that `_summary` or `_elements` ask for."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.fhir.r4.tables import type_ as definition
from wherry.resource import Resource
from wherry_ehr.ask import Ask
from wherry_ehr.search.params import lines
from wherry_ehr.search.results import RESULTS, Asked
from wherry_ehr.search.values import safe
from wherry_ehr.store.rows import Found

LENIENT = "handling=lenient"

# Source: FHIR R4 search, 3.1.1.5.8 (mark what is not whole)
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}

_OF_ONE = frozenset({"_summary", "_elements", "_format", "_pretty"})
_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})

Tree = dict[str, "Tree"]


def asked_shape(ask: Ask) -> Asked:
    """What the parameters of a read ask for. Raises: Failure(INVALID) for any other parameter."""
    asked = Asked()
    for name, value in ask.params:
        if name in _OF_ONE:
            asked = RESULTS[name](asked, ask.type, value)
        elif LENIENT not in ask.prefer:
            text = f"parameter {safe(name)} is not supported"
            raise Failure(Kind.INVALID, text, at=ask.type)
    if asked.summary == "count":
        raise Failure(Kind.INVALID, "only a search can be counted", at="_summary")
    return asked


def shaped(found: Found, asked: Asked) -> str:
    """The JSON text of this version, as whole as it is asked for."""
    if asked.whole:
        return found.body
    resource: Resource = decode(found.body)
    kept = _PARTS[asked.summary](found.type, resource)
    if asked.elements:
        kept = _elements(found.type, kept, asked.elements)
    meta = dict(kept.get("meta", {}))
    meta["tag"] = [*meta.get("tag", []), SUBSETTED]
    return encode({**kept, "meta": meta}).decode()


def _summary(type_: str, resource: Resource) -> Resource:
    return {"resourceType": type_, **_pruned(resource, _summary_tree(type_))}


def _text(type_: str, resource: Resource) -> Resource:
    return _elements(type_, resource, ("text",))


def _data(_type: str, resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "text"}


def _all(_type: str, resource: Resource) -> Resource:
    return resource


_PARTS: dict[str, Callable[[str, Resource], Resource]] = {
    "true": _summary,
    "text": _text,
    "data": _data,
    "false": _all,
    "count": _all,
}


def _elements(type_: str, resource: Resource, names: tuple[str, ...]) -> Resource:
    """These elements, and what no resource of the type can be without."""
    known = definition(type_)
    wanted = {*names, *(name.removesuffix("[x]") for name in known.required)}
    return {
        name: value
        for name, value in resource.items()
        if name in _ALWAYS or _element(type_, name) in wanted
    }


def _element(type_: str, key: str) -> str:
    """The element's name for a JSON key: value of valueQuantity, birthDate of _birthDate."""
    known = definition(type_).properties.get(key.removeprefix("_"))
    return known.element.removesuffix("[x]") if known else key


def _pruned(value: Mapping[str, Any], tree: Tree) -> Resource:
    kept: Resource = {}
    for key, held in value.items():
        below = _below(tree, key.removeprefix("_"))
        if below is None:
            continue
        if not below:
            kept[key] = held
        elif isinstance(held, list):
            kept[key] = [_pruned(one, below) for one in held]
        else:
            kept[key] = _pruned(held, below)
    return kept


def _below(tree: Tree, key: str) -> Tree | None:
    """What is kept below this key: nothing listed is all; None when the key itself is not kept."""
    if key in tree:
        return tree[key]
    for name, below in tree.items():
        stem = name.removesuffix("[x]")
        if stem != name and key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
            return below
    return None


@cache
def _summary_tree(type_: str) -> Tree:
    tree: Tree = {}
    for path in _summaries().get(type_, "").split():
        at = tree
        for name in path.split("."):
            at = at.setdefault(name, {})
    return tree


@cache
def _summaries() -> Mapping[str, str]:
    return {one[0]: one[1] for one in lines("r4-summary.tsv")}
