"""What a thing is called at its source becomes its identifier, its full URL and its condition."""

import re
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from wherry.resource import Identifier

_NAMESPACE = uuid5(UUID(int=0), "urn:wherry:fhir")
_NAMED = sha1(_NAMESPACE.bytes, usedforsecurity=False)
_RESERVED = frozenset("\\,|$")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.~/:-]")
_PLAIN = re.compile(r"[A-Za-z0-9 _.^&:+#@()*-]*")
_BETWEEN = "\x1f"
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def full_url(type_: str, system: str, value: str) -> str:
    """The urn:uuid under which one Bundle, and any later one, means this same thing.

    Source: FHIR R4 Bundle, 2.36.4.1 (fullUrl); RFC 4122 §4.3 (version 5).
    """
    hashed = _begun(type_, system).copy()
    hashed.update(value.encode("utf-8", "surrogatepass"))
    return f"urn:uuid:{_uuid(hashed.hexdigest())}"


def derived_id(type_: str, *parts: str) -> str:
    """A UUID that is always the same for the same parts; also good as a client-assigned id."""
    hashed = _NAMED.copy()  # what uuid5 does, at a third of its time: there is one for each OBX
    hashed.update(_BETWEEN.join((type_, *parts)).encode("utf-8", "surrogatepass"))
    return _uuid(hashed.hexdigest())


def _uuid(name: str) -> str:
    variant = _VARIANT[name[16]]
    return f"{name[:8]}-{name[8:12]}-5{name[13:16]}-{variant}{name[17:20]}-{name[20:32]}"


@lru_cache(maxsize=4096)
def _begun(type_: str, system: str) -> Any:
    """The hash of what all ids of one type and system begin with; to be copied, not continued."""
    hashed = _NAMED.copy()
    hashed.update(_BETWEEN.join((type_, system, "")).encode("utf-8", "surrogatepass"))
    return hashed


def condition(system: str, value: str) -> str:
    """`identifier=system|value` for a conditional request, escaped and percent-encoded.

    Source: FHIR R4 search, 3.1.1.4.1.1 (escaping in parameters), 3.1.0.4.3 (conditional update).
    """
    return f"{_start(system)}{_UNSAFE.sub(_encoded, value)}"


def search_url(type_: str, identifier: Identifier) -> str:
    """`Type?identifier=system|value` as it stands in a Bundle entry's request."""
    return f"{type_}?{condition(identifier.get('system', ''), identifier.get('value', ''))}"


def key(*parts: str) -> str:
    """One text out of several, so that different parts never make the same text."""
    return "/".join(part if _PLAIN.fullmatch(part) else _quoted(part) for part in parts)


def _quoted(part: str) -> str:
    return quote(part, safe=" -_.^&:+#@()*", errors="surrogatepass")


@lru_cache(maxsize=4096)
def _start(system: str) -> str:
    """The part of a condition that all identifiers of one system share."""
    return f"identifier={_UNSAFE.sub(_encoded, system)}%7C"


class _Codes(dict[str, str]):
    """What stands for a character in a condition; kept for ASCII, as other scripts have many."""

    def __missing__(self, char: str) -> str:
        escaped = f"\\{char}" if char in _RESERVED else char
        code = quote(escaped, safe="", errors="surrogatepass")
        if char.isascii():
            self[char] = code
        return code


_CODES = _Codes()


def _encoded(found: re.Match[str]) -> str:
    return _CODES[found[0]]
