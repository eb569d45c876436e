"""JSON that says a key twice is refused: readers differ on which of the two counts.

Source: RFC 8259, 4 (names within an object should be unique); FHIR R4 json, 2.6.2 (they are).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from wherry.errors import Failure, Kind

_reader = msgspec.json.Decoder()
_END_OF_KEY = b'":'
# A key with space before its colon, or either character of the end of a key as an escape
_UNCOUNTED = re.compile(rb'"[ \t\r\n]+:|\\u00(?:22|3[aA])')
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class _Pairs(list[tuple[str, Any]]):
    """An object with all that it said, in its order."""


def refuse_repeated_keys(text: bytes) -> None:
    """Pass when each object of this JSON says each key once; text that is no JSON passes too.

    Raises: Failure(INVALID) at the first key that is said again.
    """
    if _seems_fine(text):
        return
    try:
        said = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return  # whoever reads it says why it cannot be read
    if at := next(_repeated(said, _name_of(said)), None):
        raise Failure(Kind.INVALID, "a key is said twice in one object", at=at)


def _seems_fine(text: bytes) -> bool:
    """Whether as many keys come out as were said: cheap, and never true of a repeated key.

    A string may hold the two characters that end a key too, and then does so before and after,
    unless one of them was written as an escape.
    """
    if not can_be_counted(text):
        return False
    try:
        kept = msgspec.json.encode(_reader.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return kept.count(_END_OF_KEY) == text.count(_END_OF_KEY)


def can_be_counted(text: bytes) -> bool:
    """Whether every key ends in `":`, and a string that holds it does when it is written anew."""
    # Without any of these signs there is nothing to search for; they are written out because each
    # element of a resource is asked.
    signs = b" :" in text or b"\\u00" in text or b"\n:" in text or b"\t:" in text or b"\r:" in text
    return not (signs and _UNCOUNTED.search(text))


def _repeated(value: Any, at: str) -> Iterator[str]:
    """The places of keys that were said before in their object."""
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, held in value:
            place = f"{at}.{name}" if _PLAIN.fullmatch(name) else at
            if name in seen:
                yield place.lstrip(".")
            seen.add(name)
            yield from _repeated(held, place)
    elif isinstance(value, list):
        for n, held in enumerate(value):
            yield from _repeated(held, f"{at}[{n}]")


def _name_of(said: Any) -> str:
    """The type of the outermost resource, as a path begins with it."""
    types = [held for name, held in said if name == "resourceType"] if _is_object(said) else []
    first = types[0] if types else ""
    return first if isinstance(first, str) and _PLAIN.fullmatch(first) else ""


def _is_object(said: Any) -> bool:
    return isinstance(said, _Pairs)
