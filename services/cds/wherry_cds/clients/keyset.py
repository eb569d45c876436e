"""A JWKS document becomes keys by id and algorithm."""

from collections.abc import Mapping
from typing import Any

from wherry.errors import Failure, Kind
from wherry_cds.clients.token import Key, key_of, no

_MOST_KEYS = 64


class KeySet:
    """The keys of one set by id, each made into a key object once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        keys = document.get("keys")
        if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
            raise Failure(Kind.UNAVAILABLE, "the client's key set is not one", at="keys")
        self._jwks = [one for one in keys if isinstance(one, dict)]
        self._made: dict[tuple[str, str], Key] = {}

    def has(self, kid: str) -> bool:
        """Whether any key goes by this id."""
        return any(one.get("kid") == kid for one in self._jwks)

    def key(self, kid: str, alg: str) -> Key:
        """The one key of this id. Raises: Failure(UNAUTHENTICATED)."""
        if made := self._made.get((kid, alg)):
            return made
        found = [one for one in self._jwks if one.get("kid") == kid]
        if len(found) != 1:
            raise no("key", "no single key of the client's set has this kid")
        made = key_of(found[0], alg)
        self._made[kid, alg] = made
        return made


def key_set(document: Any) -> KeySet:
    """A JWKS. Raises: Failure(UNAVAILABLE) when it is none. Source: RFC 7517, 5."""
    return KeySet(document if isinstance(document, dict) else {})


def addresses(document: Any) -> frozenset[str]:
    """Every https address in a list of key sets, however an EHR arranges it."""
    if isinstance(document, str):
        return frozenset({document}) if document.startswith("https://") else frozenset()
    inner = document.values() if isinstance(document, dict) else document
    if not isinstance(document, dict | list):
        return frozenset()
    return frozenset(address for each in inner for address in addresses(each))
