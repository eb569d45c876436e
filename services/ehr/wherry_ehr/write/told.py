"""The JSON text of a resource becomes its elements, each worked out once however often it is said.

Messages of one sender repeat most of what they say: codes, units, ranges, the subject, the time.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
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

_SIGN = re.compile(r'"urn:(?:uuid|oid):|\?|\\u0000')
"""Of a link or of a character that cannot be stored."""

_certain = attrgetter("certain")
_once = attrgetter("once")
_texts = msgspec.json.Decoder(Texts)
# Sorted keys make equal content equal text, so that one digest tells whether anything changed.
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


class Element(NamedTuple):
    """One top-level element: its value, and its text with the keys in order.

    `plain` text holds nothing that has to be looked at when it is stored. What searches find it by
    is `held`, known of `certain` elements only. `once`: certainly none of its keys is said twice.
    """

    value: Any
    text: str
    plain: bool
    certain: bool
    once: bool
    held: Held | None


class Told(NamedTuple):
    """A resource as a client told it. Values are shared with other resources: nobody changes them.

    `certain` resources are valid R4; the others may be. `once`: no element says a key twice; whether
    the resource says an element twice is not known here.
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
    elements = {
        name: (_remembered if len(text := bytes(raw)) <= _LONGEST_KEPT else _worked_out)(
            type_, name, text
        )
        for name, raw in texts.items()
    }
    resource = {name: element.value for name, element in elements.items()}
    each = all(map(_certain, elements.values()))
    once = all(map(_once, elements.values()))
    return Told(resource, elements, each and do_elements_fit(type_, resource), once)


def written(value: object) -> str:
    """A JSON value as text, its keys in order."""
    return _encoder.encode(value).decode()


def _worked_out(type_: str, name: str, text: bytes) -> Element:
    value = decode(text)
    said = written({name: value})[1:-1]
    plain = _SIGN.search(said) is None
    certain = is_element_certainly_valid(type_, name, value)
    once = can_be_counted(text) and said.count('":') == text.count(b'":') + 1
    held = held_in(type_, name, value) if certain else None
    return Element(value, said, plain, certain, once, held)


_remembered = lru_cache(_KEPT)(_worked_out)
