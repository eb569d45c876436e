"""A resource → a fast "certainly valid" or "look closer", by plans made once per set of keys.

Records from one source repeat the same few sets of keys. For each of them the structural questions
(unknown or missing elements, choices, invariants of presence) are settled once, which leaves one
check per value, written out as one function (`written`). Whatever is rare is left to `walk`:
contained resources and local references, extensions nested more than once, values and extensions
side by side in arrays of primitives, 29 February.
"""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from itertools import count
from typing import Any

from wherry.fhir.r4 import references, written
from wherry.fhir.r4.bindings import is_bound
from wherry.fhir.r4.presence import presence_of
from wherry.fhir.r4.primitives import PRIMITIVES, Check
from wherry.fhir.r4.rules import Object, rules_of
from wherry.fhir.r4.tables import Property, Type, all_codes, resource_types, type_
from wherry.fhir.r4.written import Call, Each, In, Like, Of, One, Seen, Shared, Wanted

Rules = list[Callable[[Object], bool]]

_MAX_PLANS = 256
"""Per type. Further sets of keys are worked out each time, so that nobody can fill the memory."""

_LONGEST_KEY = 64

_OF_ANOTHER_TYPE = (TypeError, AttributeError, KeyError, ValueError, ArithmeticError)
"""What checks in C raise on a value of a JSON type that they do not expect."""

_OUTSIDE: frozenset[str] = frozenset()
_NESTING = frozenset({"Extension", "Reference"})
"""Datatypes that can hold themselves; inside one, another of its kind is left to `walk`."""

_SHARED = frozenset({"CodeableConcept", "Extension", "Meta", "Reference", "dateTime", "instant"})
"""What the resources of one message have in common: whose they are, when, of what kind."""

_NUMBERS = count(1)

_PART = "part of an Extension"
"""Extensions have parts (US Core race): these are looked at here, the parts of parts are not."""


def is_certainly_valid(resource: object, seen: Seen | None = None) -> bool:
    """Whether `walk` would find nothing; False means only that it has to be asked.

    `seen` is for resources that share parts; it holds as long as all of them live unchanged.
    Checks in C raise on a value of another JSON type: that is an answer too.
    """
    try:
        return bool(_resource(resource, {} if seen is None else seen))
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


def _resource(value: Any, seen: Seen) -> object:
    name = value["resourceType"]
    return name in resource_types() and _resource_plans(name)[tuple(value)](value, seen)


def _entry_resource(value: Any) -> object:
    """A resource inside another: Bundles and Parameters could nest without end."""
    return value["resourceType"] not in ("Bundle", "Parameters") and _resource(value, {})


def _unsure(*_: Any) -> bool:
    return False


_UNSURE = Call(_unsure)


@cache
def _plans(type_name: str, inside: frozenset[str], targets: tuple[str, ...] = ()) -> "_Plans":
    """The plans for objects of this type; `targets` says where a Reference may point."""
    return _Plans(type_(type_name), inside, targets)


@cache
def _resource_plans(type_name: str) -> "_ResourcePlans":
    return _ResourcePlans(type_(type_name), _OUTSIDE, ())


class _Plans(dict[tuple[str, ...], Callable[..., object]]):
    """From the keys of an object to the checks of its values, in order."""

    def __init__(self, of: Type, inside: frozenset[str], targets: tuple[str, ...]) -> None:
        super().__init__()
        self._type = of
        self._inside = inside
        self._targets = targets

    def __missing__(self, keys: tuple[str, ...]) -> Callable[..., object]:
        rules = self.rules(keys)
        plan = _unsure if rules is None else self._plan(keys, rules)
        if plan is not _unsure and len(self) < _MAX_PLANS:
            self[keys] = plan
        return plan

    def _plan(self, keys: tuple[str, ...], rules: Rules) -> Callable[..., object]:
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
        paired = [o.key for o in found if o.many and {o.key, f"_{o.key}"} <= meant.keys()]
        rules = [r.holds for r in rules_of(self._type.name) if set(r.about) <= set(keys)]
        return [*rules, *(partial(_of_one_length, key=key) for key in paired)]

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
            one: One = Like(_plans("Element", self._inside))
        else:
            one = _one(item, self._type.name, self._inside)
        return Each(one) if item.many else one


def _of_one_length(value: Object, key: str) -> bool:
    """Whether an array of primitives has its extensions beside it, one for one."""
    return len(value[key]) == len(value[f"_{key}"])


class _ResourcePlans(_Plans):
    """The plans of a resource that stands for itself, beside others of its transaction."""

    def _plan(self, keys: tuple[str, ...], rules: Rules) -> Callable[..., object]:
        return written.resource([self._maybe_shared(key) for key in keys], rules)

    def _maybe_shared(self, key: str) -> Wanted | Shared:
        item = self._type.properties.get(key)
        wanted = self.check(key)
        if item is None or item.type not in _SHARED:
            return wanted
        return Shared(wanted, _number(self._type.name, key))


@cache
def _number(type_name: str, key: str) -> int:
    """A number of its own for each property of each type, from 1 on."""
    del type_name, key
    return next(_NUMBERS)


def _one(item: Property, owner: str, inside: frozenset[str]) -> One:
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
