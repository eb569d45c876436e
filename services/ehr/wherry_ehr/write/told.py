"""The JSON text of a resource becomes its elements, each worked out once however often it is said.

Messages of one sender repeat most of what they say: codes, units, ranges, the subject, the time.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.fhir.r4.quick import do_elements_fit, is_element_certainly_valid
from wherry.fhir.r4.tables import resource_types
from wherry.resource import Resource
from wherry_ehr.search.extract import Held, held_in
from wherry_ehr.twice import can_be_counted

Texts = dict[Annotated[str, msgspec.Meta(max_length=64)], msgspec.Raw]
"""JSON texts by element."""

_LONGEST_KEPT = 1024
"""Bytes; longer elements are hardly ever said twice, and the memory stays bounded."""
_KEPT = 1024
"""Enough for what the messages of one group repeat; more of them no longer fit the CPU's cache."""

_texts = msgspec.json.Decoder(Texts)
# Sorted keys make equal content equal text, so that one digest tells whether anything changed.
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


class Element(NamedTuple):
    """One top-level element: its value, and its text with the keys in order.

    `plain` text holds no link and no character that cannot be stored. What searches find it by is
    `held`, known of `certain` elements only. `once`: certainly none of its keys is said twice;
    `sound` is both at once.
    """

    value: Any
    text: str
    plain: bool
    certain: bool
    once: bool
    sound: bool
    held: Held | None


class Told(NamedTuple):
    """A resource as a client told it. Values are shared with other resources: nobody changes them.

    `certain` resources are valid R4; the others may be. `once`: no element says a key twice, though
    the resource may have said an element twice.
    """

    resource: Resource
    elements: Mapping[str, Element]
    certain: bool
    once: bool


NOTHING = Told({}, {}, certain=False, once=True)


def told_in(text: bytes) -> Told:
    """What this JSON text tells. Raises: Failure(INVALID) when it is no JSON object."""
    try:
        return told(_texts.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        decode(text)
        raise Failure(Kind.INVALID, "the body must be a JSON object") from None


def told(texts: Texts) -> Told:
    """What these elements tell together. Raises: Failure(INVALID) when one is not JSON."""
    named = decode(texts["resourceType"]) if "resourceType" in texts else ""
    type_ = named if isinstance(named, str) and named in resource_types() else ""
    elements: dict[str, Element] = {}
    resource: Resource = {}
    certain = once = True
    for name, raw in texts.items():
        text = bytes(raw)
        known = _remembered if len(text) <= _LONGEST_KEPT else _worked_out
        elements[name] = element = known(type_, name, text)
        resource[name] = element.value
        if not element.sound:
            certain, once = certain and element.certain, once and element.once
    return Told(resource, elements, certain and do_elements_fit(type_, resource), once)


def written(value: object) -> str:
    """A JSON value as text, its keys in order."""
    return _encoder.encode(value).decode()


def _worked_out(type_: str, name: str, text: bytes) -> Element:
    value = decode(text)
    said = written({name: value})[1:-1]
    certain = is_element_certainly_valid(type_, name, value)
    # a name that holds what is counted is left to a closer look
    once = name.isidentifier() and can_be_counted(text)
    once = once and said.count('":') == text.count(b'":') + 1
    held = held_in(type_, name, value) if certain else None
    return Element(value, said, _is_plain(said), certain, once, certain and once, held)


def _is_plain(text: str) -> bool:
    return not ('"urn:uuid:' in text or "?" in text or '"urn:oid:' in text or "\\u0000" in text)


_remembered = lru_cache(_KEPT)(_worked_out)
