"""elements.txt and codes.txt → types, their JSON properties and the codes they may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_LINE = re.compile(r"  (?P<name>\w+)(?P<choice>\[x\])? (?P<min>\d)\.\.(?P<max>\S+) (?P<types>.+)")
_REFERENCE = re.compile(r"Reference\((?P<targets>[^)]*)\)")


@dataclass(frozen=True, slots=True)
class Property:
    """One JSON property. A choice has one per type: deceasedBoolean and deceasedDateTime.

    `element` is the name in the definition (deceased[x]); `type` is a primitive, a datatype, a part
    or Resource; `targets` are the types a Reference may point at, none for any; `codes` names the
    value set of a required binding.
    """

    key: str
    element: str
    type: str
    many: bool
    targets: tuple[str, ...] = ()
    codes: str = ""

    @property
    def primitive(self) -> bool:
        """Whether the value is a JSON string, number or boolean."""
        return self.type[0].islower()


@dataclass(frozen=True, slots=True)
class Type:
    """A resource, a datatype or a part of one, with everything it inherits."""

    name: str
    kind: str
    properties: Mapping[str, Property]
    required: frozenset[str]
    lineage: tuple[str, ...]

    def meant(self, key: str) -> Property | None:
        """The property that a JSON key stands for; _birthDate holds the extensions of birthDate.

        Source: FHIR R4 json.html#primitive.
        """
        if not key.startswith("_"):
            return self.properties.get(key)
        item = self.properties.get(key[1:])
        return item if item is not None and self._extensible(item) else None

    def _extensible(self, item: Property) -> bool:
        """Whether it is a primitive that is not an attribute in XML: those have no extensions."""
        attribute = item.key == "id" and item.type == "string"
        attribute = attribute or (self.name == "Extension" and item.key == "url")
        return item.primitive and item.type != "xhtml" and not attribute


@cache
def resource_types() -> frozenset[str]:
    """The names of the 146 concrete resource types of R4."""
    return frozenset(n for n, block in _blocks().items() if block.startswith("resource "))


@cache
def type_(name: str) -> Type:
    """The type of this name. Raises: KeyError."""
    headline, *lines = _blocks()[name].split("\n")
    kind, _, base_name = headline.replace(" :", "").partition(f" {name}")
    base = type_(base_name.strip()) if base_name else None
    properties = dict(base.properties) if base else {}
    required = set(base.required) if base else set()
    for line in lines:
        for item in _properties(line):
            properties[item.key] = item
        if _is_required(line):
            required.add(item.element)
    lineage = (name, *base.lineage) if base else (name,)
    return Type(name, kind, properties, frozenset(required), lineage)


@cache
def codes(value_set: str) -> Mapping[str, frozenset[str]]:
    """The codes of a required binding by code system. Raises: KeyError."""
    return _value_sets()[value_set]


@cache
def all_codes(value_set: str) -> frozenset[str]:
    """The codes of a required binding of any system, for elements of type code."""
    return frozenset().union(*codes(value_set).values())


def _properties(line: str) -> list[Property]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"not a line of elements.txt: {line}")
    types, _, value_set = found["types"].partition(" @")
    if types == "*":
        types = _open_types()
    element = found["name"] + (found["choice"] or "")
    return [
        _property(element, word, many=found["max"] == "*", codes_=value_set)
        for word in types.split(" | ")
    ]


def _property(element: str, word: str, *, many: bool, codes_: str) -> Property:
    reference = _REFERENCE.fullmatch(word)
    targets = tuple(reference["targets"].split()) if reference else ()
    name = "Reference" if reference else word
    key, is_choice, _ = element.partition("[x]")
    if is_choice:
        suffix = "Quantity" if name == "SimpleQuantity" else name
        key += suffix[0].upper() + suffix[1:]
    return Property(key, element, name, many, targets, codes_)


def _is_required(line: str) -> bool:
    return " 1.." in line


@cache
def _blocks() -> Mapping[str, str]:
    """The text of each type by name."""
    found = {}
    for block in _text("elements.txt").split("\n\n"):
        kind, _, rest = block.partition(" ")
        if kind in ("resource", "type", "abstract", "part"):
            found[rest.split(maxsplit=1)[0]] = block.rstrip("\n")
    return found


@cache
def _open_types() -> str:
    line = next(b for b in _text("elements.txt").split("\n\n") if b.startswith("open "))
    return line.removeprefix("open ")


@cache
def _value_sets() -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    name = ""
    for line in _text("codes.txt").splitlines():
        if line.startswith("  "):
            system, *listed = line.split()
            found[name][system] = frozenset(listed)
        elif line and not line.startswith("#"):
            name = line
            found[name] = {}
    return found


def _text(file_name: str) -> str:
    return (resources.files(__package__) / file_name).read_text(encoding="utf-8")
