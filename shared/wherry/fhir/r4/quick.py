"""A resource → a fast "certainly valid" or "look closer", by plans made once per set of keys.

Records from one source repeat the same few sets of keys. For each of them the structural questions
(unknown or missing elements, choices, invariants of presence) are settled once, which leaves one
check per value, written out as one function (`written`). Whatever is rare is left to `walk`:
contained resources and local references, extensions nested more than once, values and extensions
side by side in arrays of primitives, 29 February.
"""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

from wherry.fhir.r4 import references, written
from wherry.fhir.r4.bindings import is_bound
from wherry.fhir.r4.presence import presence_of
from wherry.fhir.r4.primitives import PRIMITIVES, Check
from wherry.fhir.r4.rules import Object, rules_of
from wherry.fhir.r4.tables import Property, Type, all_codes, resource_types, type_
from wherry.fhir.r4.written import Call, Each, In, Like, Of, Wanted

Rules = list[Callable[[Object], bool]]

_MAX_PLANS = 256
"""Per type. Further sets of keys are worked out each time, so that nobody can fill the memory."""

_LONGEST_KEY = 64

_OF_ANOTHER_TYPE = (TypeError, AttributeError, KeyError, ValueError, ArithmeticError)
"""What checks in C raise on a value of a JSON type that they do not expect."""

_OUTSIDE: frozenset[str] = frozenset()
_NESTING = frozenset({"Extension", "Reference"})
"""Datatypes that can hold themselves; inside one, another of its kind is left to `walk`."""

_PART = "part of an Extension"
"""Extensions have parts (US Core race): these are looked at here, the parts of parts are not."""


def is_certainly_valid(resource: object) -> bool:
    """Whether `walk` would find nothing; False means only that it has to be asked.

    Checks in C raise on a value of another JSON type: that is an answer too.
    """
    try:
        return bool(_resource(resource))
    except _OF_ANOTHER_TYPE:
        return False


def is_element_certainly_valid(type_name: str, key: str, value: object) -> bool:
    """The same of one top-level element, for those who see many of the same again and again."""
    if type_name not in resource_types() or len(key) > _LONGEST_KEY:
        return False
    try:
        return bool(_element(type_name, key)(value))
    except _OF_ANOTHER_TYPE:
        return False


def do_elements_fit(type_name: str, resource: Object) -> bool:
    """Whether elements that are each certainly valid certainly make a valid resource."""
    if type_name not in resource_types():
        return False
    rules = _rules(type_name, tuple(resource))
    try:
        return rules is not None and all(holds(resource) for holds in rules)
    except _OF_ANOTHER_TYPE:
        return False


@lru_cache(4096)
def _element(type_name: str, key: str) -> Check:
    return written.of_one(_Plans(type_(type_name), _OUTSIDE, ()).check(key))


@lru_cache(4096)
def _rules(type_name: str, keys: tuple[str, ...]) -> Rules | None:
    return _Plans(type_(type_name), _OUTSIDE, ()).rules(keys)


def _resource(value: Any) -> object:
    name = value["resourceType"]
    return name in resource_types() and _plans(name, _OUTSIDE)[tuple(value)](value)


def _entry_resource(value: Any) -> object:
    """A resource inside another: Bundles and Parameters could nest without end."""
    return value["resourceType"] not in ("Bundle", "Parameters") and _resource(value)


def _unsure(_: Any) -> bool:
    return False


_UNSURE = Call(_unsure)


@cache
def _plans(type_name: str, inside: frozenset[str], targets: tuple[str, ...] = ()) -> "_Plans":
    """The plans for objects of this type; `targets` says where a Reference may point."""
    return _Plans(type_(type_name), inside, targets)


class _Plans(dict[tuple[str, ...], Check]):
    """From the keys of an object to the checks of its values, in order."""

    def __init__(self, of: Type, inside: frozenset[str], targets: tuple[str, ...]) -> None:
        super().__init__()
        self._type = of
        self._inside = inside
        self._targets = targets

    def __missing__(self, keys: tuple[str, ...]) -> Check:
        plan = self._plan(keys)
        if plan is not _unsure and len(self) < _MAX_PLANS:
            self[keys] = plan
        return plan

    def _plan(self, keys: tuple[str, ...]) -> Check:
        rules = self.rules(keys)
        if rules is None:
            return _unsure
        return written.function([self.check(key) for key in keys], rules)

    def rules(self, keys: tuple[str, ...]) -> Rules | None:
        """What to ask of all values together; None when this set of keys needs a closer look."""
        is_resource = self._type.kind == "resource"
        named = [key for key in keys if not is_resource or key != "resourceType"]
        meant = {key: self._type.meant(key) for key in named}
        found = {item for item in meant.values() if item is not None}
        if None in meant.values() or (not is_resource and meant.keys() <= {"id"}):
            return None
        elements = {item.element for item in found}
        if len(elements) < len(found) or not elements >= self._type.required:
            return None
        if not all(rule.holds(elements) for rule in presence_of(self._type.name)):
            return None
        if any(item.many and {item.key, f"_{item.key}"} <= meant.keys() for item in found):
            return None  # values and extensions side by side, with gaps on either side
        return [r.holds for r in rules_of(self._type.name) if set(r.about) <= set(keys)]

    def check(self, key: str) -> Wanted:
        """What is wanted of the value under this key."""
        if key == "resourceType" and self._type.kind == "resource":
            return In(frozenset((self._type.name,)))
        if self._type.name == "Reference" and key == "reference":
            return Call(references.quick(self._targets))
        if self._type.name == "Reference" and key == "type":
            return In(frozenset(self._targets or resource_types()))
        item = self._type.meant(key)
        if item is None:
            return _UNSURE
        if key.startswith("_"):
            one: Call | In | Of | Like = Like(_plans("Element", self._inside))
        else:
            one = _one(item, self._type.name, self._inside)
        return Each(one) if item.many else one


def _one(item: Property, owner: str, inside: frozenset[str]) -> Call | In | Of | Like:
    """What is wanted of one value of this property of `owner`."""
    part = owner == item.type == "Extension" and _PART not in inside
    recursive = item.type in inside or f"{owner}.".startswith(f"{item.type}.")
    if (recursive and not part) or item.key == "contained":
        return _UNSURE
    if item.type == "code" and item.codes:
        return In(all_codes(item.codes))
    if item.primitive:
        known = PRIMITIVES[item.type].known
        return Call(PRIMITIVES[item.type].quick) if known is None else Of(known)
    if item.type == "Resource":
        return Call(_entry_resource)
    deeper = {_PART} if part else {item.type} & _NESTING
    plans = _plans(item.type, inside | deeper, item.targets)
    bound = partial(is_bound, value_set=item.codes) if item.codes else None
    return Like(plans, bound)
