"""A resource → every problem with it, each with the path of the element and what was expected."""

import re
from collections.abc import Mapping
from typing import Any

from wherry.fhir.r4 import bindings, contained, primitives, references
from wherry.fhir.r4.presence import presence_of
from wherry.fhir.r4.rules import rules_of
from wherry.fhir.r4.tables import Property, Type, all_codes, resource_types, type_
from wherry.resource import Issue

MAX_PROBLEMS = 50
MAX_DEPTH = 40
"""Objects inside objects. R4 names no limit; real resources stay below 20."""

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_ABSENT = object()
_EMPTY = "ele-1: expected a value or at least one element beside id"


class _Enough(Exception):
    """As many problems as anyone will read."""


def walk(resource: object) -> list[Issue]:
    """Every problem of a resource, at most MAX_PROBLEMS, each at a path such as Patient.name[0]."""
    found = _Walk()
    try:
        found.resource(resource, "", 0)
    except _Enough:
        return found.issues
    return found.issues


class _Walk:
    """One walk; `local` holds what #id may mean in the resource being walked: id to type."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.local: Mapping[str, str] = {}

    def problem(self, at: str, text: str) -> None:
        self.issues.append(Issue(at, text))
        if len(self.issues) >= MAX_PROBLEMS:
            raise _Enough

    def resource(self, value: object, at: str, depth: int, *, is_contained: bool = False) -> None:
        """Walk a resource at the root, in a Bundle entry, in Parameters or in `contained`."""
        if not isinstance(value, dict):
            return self.problem(at or "resource", "expected a JSON object")
        name = value.get("resourceType")
        if not isinstance(name, str) or name not in resource_types():
            return self.problem(
                f"{at}.resourceType".lstrip("."), "expected the name of an R4 resource type"
            )
        outer = self.local
        if not is_contained:
            self.local = contained.local_types(value)
        at = at or name
        if self.object(type_(name), value, at, depth) and not is_contained:
            for index, text in contained.problems(value):
                self.problem(f"{at}.contained[{index}]", text)
        self.local = outer
        return None

    def object(
        self, of: Type, value: object, at: str, depth: int, targets: tuple[str, ...] = ()
    ) -> bool:
        """Walk one JSON object and say whether it is free of problems."""
        before = len(self.issues)
        if not isinstance(value, dict):
            self.problem(at, "expected a JSON object")
        elif depth > MAX_DEPTH:
            self.problem(at, f"expected at most {MAX_DEPTH} levels of objects")
        else:
            found = self.names(of, value, at)
            for item in found.values():
                self.property(item, value, f"{at}.{item.key}", depth + 1)
            if of.name == "Reference" and len(self.issues) == before:
                self.reference(value, at, targets)
            self.invariants(of, value, {item.element for item in found.values()}, at, before)
        return len(self.issues) == before

    def names(self, of: Type, value: Mapping[str, Any], at: str) -> Mapping[str, Property]:
        """The known properties by key, after telling unknown, missing and competing ones."""
        found: dict[str, Property] = {}
        for key in value:
            item = of.meant(key) if isinstance(key, str) else None
            if item is not None:
                found[item.key] = item
            elif key != "resourceType" or of.kind != "resource":
                shown = key if isinstance(key, str) and _NAME.fullmatch(key) else "?"
                self.problem(f"{at}.{shown}", f"not an element of {of.name} in R4")
        elements = [item.element for item in found.values()]
        for element in sorted({e for e in elements if elements.count(e) > 1}):
            self.problem(f"{at}.{element}", "expected one type of this choice, found several")
        for element in sorted(of.required.difference(elements)):
            self.problem(f"{at}.{element}", "required element is missing")
        if of.kind in ("type", "part") and value.keys() <= {"id"}:
            self.problem(at, _EMPTY)
        return found

    def property(self, item: Property, owner: Mapping[str, Any], at: str, depth: int) -> None:
        """Walk what an object has under one name, with the extensions of a primitive beside it."""
        value, beside = owner.get(item.key, _ABSENT), owner.get(f"_{item.key}", _ABSENT)
        if item.many:
            return self.array(item, value, beside, at, depth)
        if value is not _ABSENT:
            self.value(item, value, at, depth)
        if beside is not _ABSENT:
            self.beside(beside, at, depth, alone=value is _ABSENT)
        return None

    def beside(self, value: Any, at: str, depth: int, *, alone: bool) -> None:
        """Walk the id and extensions of a primitive; an id alone does not make up for a value."""
        clean = self.object(type_("Element"), value, at, depth)
        if clean and (not value or (alone and value.keys() <= {"id"})):
            self.problem(at, _EMPTY)

    def array(self, item: Property, values: Any, beside: Any, at: str, depth: int) -> None:
        """Walk an array; those of primitives may have nulls where the other one has something."""
        given = [side for side in (values, beside) if side is not _ABSENT]
        if not all(isinstance(side, list) and side for side in given):
            return self.problem(at, "expected an array with at least one entry")
        if len({len(side) for side in given}) > 1:
            return self.problem(at, "expected arrays of one length for values and extensions")
        for index in range(len(given[0])):
            place = f"{at}[{index}]"
            value = None if values is _ABSENT else values[index]
            extra = None if beside is _ABSENT else beside[index]
            if value is not None or extra is None:
                self.value(item, value, place, depth)
            if extra is not None:
                self.beside(extra, place, depth, alone=value is None)
        return None

    def value(self, item: Property, value: Any, at: str, depth: int) -> None:
        """Walk one value of a property."""
        if isinstance(value, list):
            self.problem(at, "expected a single value, not an array")
        elif item.type == "Resource":
            self.resource(value, at, depth, is_contained=item.key == "contained")
        elif not item.primitive:
            clean = self.object(type_(item.type), value, at, depth, item.targets)
            if clean and item.codes and not bindings.is_bound(value, item.codes):
                self.problem(at, bindings.expected(item.codes))
        elif not primitives.is_valid(item.type, value):
            self.problem(at, primitives.PRIMITIVES[item.type].expected)
        elif item.codes and value not in all_codes(item.codes):
            self.problem(at, bindings.expected(item.codes))

    def reference(self, value: Mapping[str, Any], at: str, targets: tuple[str, ...]) -> None:
        """Tell a reference that has no known form or points at a type that may not stand here."""
        text, said = value.get("reference", ""), value.get("type", "")
        named = references.target_type(text)
        if references.is_local(text):
            named = self.local.get(text[1:])
            if named is None:
                self.problem(f"{at}.reference", "ref-1: expected the id of a contained resource")
        elif text and not references.is_well_formed(text):
            self.problem(f"{at}.reference", references.EXPECTED)
        if named and not references.may_stand(named, targets):
            self.problem(f"{at}.reference", f"expected a reference to {' or '.join(targets)}")
        if said and not references.is_type(said, targets):
            self.problem(f"{at}.type", f"expected {' or '.join(targets) or 'a resource type'}")

    def invariants(
        self, of: Type, value: Mapping[str, Any], there: set[str], at: str, before: int
    ) -> None:
        """Tell broken invariants; those that look at values only when all values are valid."""
        for presence in presence_of(of.name):
            if not presence.holds(there):
                self.problem(at, f"{presence.key}: {presence.expected}")
        if len(self.issues) > before:
            return
        for rule in rules_of(of.name):
            if value.keys() >= set(rule.about) and not rule.holds(value):
                self.problem(at, f"{rule.key}: {rule.expected}")
