"""Who may come in over HTTP, and what a site decided for those doors; credentials become names."""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from wherry.errors import Failure, Kind

SERVICE = "service token"
LOCAL = "this machine"

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Door:
    """The HTTP feed and the operators' API as the settings have them."""

    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    operators: Mapping[str, str] = field(default_factory=dict, repr=False)
    channel: str = "http"
    status_from_ack: bool = False
    max_message_bytes: int = 32 * _MIB
    max_file_bytes: int = 256 * _MIB
    stored_timeout_s: float = 20.0


def read_pairs(text: str) -> Mapping[str, str]:
    """`name:secret` pairs separated by spaces. Raises: ValueError that repeats no secret."""
    found: dict[str, str] = {}
    for number, word in enumerate(text.split(), 1):
        name, _, secret = word.partition(":")
        if not name or not secret:
            raise ValueError(f"entry {number} is not written as name:secret")
        if name in found:
            raise ValueError(f"entry {number} has a name that was there before")
        found[name] = secret
    return MappingProxyType(found)


def by_basic(credentials: str, users: Mapping[str, str]) -> str:
    """The user behind `Basic` credentials. Raises: Failure(UNAUTHENTICATED). Source: RFC 7617."""
    try:
        given = b64decode(credentials, validate=True)
    except NotBase64:
        given = b""
    return _matching(given, {name: f"{name}:{secret}" for name, secret in users.items()})


def by_token(token: str, tokens: Mapping[str, str]) -> str:
    """The name behind a bearer token. Raises: Failure(UNAUTHENTICATED). Source: RFC 6750."""
    return _matching(token.encode("utf-8", "surrogateescape"), tokens)


def _matching(given: bytes, wanted: Mapping[str, str]) -> str:
    """Compared with all of them, so that the time tells nothing about any."""
    met = [name for name, secret in wanted.items() if hmac.compare_digest(given, secret.encode())]
    if not met:
        raise Failure(Kind.UNAUTHENTICATED, "these credentials are not known here")
    return met[0]
