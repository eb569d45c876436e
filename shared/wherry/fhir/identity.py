"""What a thing is called at its source becomes its identifier, its full URL and its condition."""

import re
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID, uuid5

from wherry.resource import Identifier

_NAMESPACE = uuid5(UUID(int=0), "urn:wherry:fhir")
_RESERVED = re.compile(r"[\\,|$]")


def full_url(type_: str, system: str, value: str) -> str:
    """The urn:uuid under which one Bundle, and any later one, means this same thing.

    Source: FHIR R4 Bundle, 2.36.4.1 (fullUrl); RFC 4122 §4.3 (version 5).
    """
    return f"urn:uuid:{derived_id(type_, system, value)}"


def derived_id(type_: str, *parts: str) -> str:
    """A UUID that is always the same for the same parts; also good as a client-assigned id."""
    return str(uuid5(_NAMESPACE, "\x1f".join((type_, *parts))))


@lru_cache(maxsize=16384)
def condition(system: str, value: str) -> str:
    """`identifier=system|value` for a conditional request, escaped and percent-encoded.

    Source: FHIR R4 search, 3.1.1.4.1.1 (escaping in parameters), 3.1.0.4.3 (conditional update).
    """
    return f"identifier={quote(_escaped(system), safe=':/.-')}%7C{quote(_escaped(value), safe='')}"


def search_url(type_: str, identifier: Identifier) -> str:
    """`Type?identifier=system|value` as it stands in a Bundle entry's request."""
    return f"{type_}?{condition(identifier.get('system', ''), identifier.get('value', ''))}"


def key(*parts: str) -> str:
    """One text out of several, so that different parts never make the same text."""
    return "/".join(quote(part, safe=" -_.^&:+#@()*") for part in parts)


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda found: "\\" + found[0], text)
