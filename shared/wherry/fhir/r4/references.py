"""Reference.reference → whether it has a form that R4 knows and a type that may stand there."""

import re
from collections.abc import Callable, Collection
from functools import cache

from wherry.fhir.r4.tables import resource_types

# FHIR R4 references.html#literal; http.html#ops for conditional references in a transaction.
_ID = r"[A-Za-z0-9\-.]{1,64}"
_HEX = "[0-9A-Fa-f]"
_UUID = rf"urn:uuid:{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_URN = re.compile(rf"{_UUID}|urn:oid:[0-2](?:\.[0-9]+)+")
_REST = re.compile(rf"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/{_ID}(?:/_history/{_ID})?")
_CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?\S+")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")

_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"

EXPECTED = (
    "expected Type/id, an absolute URL, urn:uuid:…, #id of a contained resource or Type?query"
)


def is_local(reference: str) -> bool:
    """Whether this points into the same resource."""
    return reference.startswith("#")


def is_well_formed(reference: str) -> bool:
    """Whether the text is a reference at all; local ones are checked where `contained` is known."""
    if reference.startswith("urn:"):
        return _URN.fullmatch(reference) is not None
    if _ABSOLUTE.fullmatch(reference):
        return True
    return target_type(reference) is not None


def target_type(reference: str) -> str | None:
    """The resource type that the text names; None when it names none (urn:uuid, other URLs)."""
    if reference.startswith("urn:"):
        return None
    relative = not _ABSOLUTE.fullmatch(reference)
    found = _CONDITIONAL.fullmatch(reference) or _REST.fullmatch(reference)
    if found is None or found["type"] not in resource_types():
        return None
    if relative and not reference.startswith(found["type"]):
        return None
    return found["type"]


@cache
def quick(targets: tuple[str, ...]) -> Callable[[str], object]:
    """Accepts the usual references to these types (none means any) and nothing that is wrong."""
    names = "|".join(sorted(targets)) or "[A-Z][A-Za-z]+"
    usual = re.compile(rf"{_UUID}|(?:https?://[^\s?#]+/)?(?P<type>{names})/{_ID}")
    if targets:
        return usual.fullmatch
    known = resource_types() | {None}
    return lambda text: (found := usual.fullmatch(text)) is not None and found["type"] in known


def may_stand(type_: str, targets: Collection[str]) -> bool:
    """Whether a reference to this type is allowed where `targets` are listed; none means any."""
    return not targets or type_ in targets


def is_type(said: str, targets: Collection[str]) -> bool:
    """Whether Reference.type may be this: a resource type of the targets, or a logical model's URL.

    Source: FHIR R4 references.html, Reference.type.
    """
    name = said.removeprefix(_STRUCTURE)
    if name in resource_types():
        return may_stand(name, targets)
    return _ABSOLUTE.fullmatch(said) is not None and not said.startswith(_STRUCTURE)
