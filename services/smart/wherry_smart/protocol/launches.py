"""A launch under way, the tokens and the session that came of it, as they are kept."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from wherry_smart.protocol.profiles import Way

LIFE = timedelta(minutes=10)
"""A launch that has not come back by then is forgotten."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A launch before the browser was asked for its cookie; the EHR's handle is not spent yet.

    `iss` and `handle` are as the EHR sent them; `browser` is the hash of the browser's cookie.
    """

    iss: str
    handle: str = field(repr=False)
    way: Way
    browser: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A browser was sent to the EHR and is to come back."""

    base: str
    token_endpoint: str
    revocation: str
    jwks: str
    issuer: str
    signers: tuple[str, ...]
    names_issuer: bool
    redirect: str
    way: Way
    scope: str
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    browser: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the EHR gave, kept once for all sessions that came of one launch."""

    base: str
    token_endpoint: str
    revocation: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str
    issued_at: datetime
    expires_at: datetime
    ends_at: datetime
    """When the sessions end, whatever the EHR would still renew."""


@dataclass(frozen=True, slots=True)
class Session:
    """One launch of the app: one patient (or none: a worklist), one person, one EHR, one browser.

    `tokens` is the secret name of the Tokens. `more` are further members of the token response.
    """

    base: str
    tokens: str = field(repr=False)
    scope: str
    patient: str
    encounter: str
    banner: bool
    person: str
    browser: str = field(repr=False)
    started_at: datetime
    expires_at: datetime
    way: Way = Way.EHR
    intent: str = ""
    tenant: str = ""
    style: str = ""
    context: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


Kept = TypeVar("Kept", Begun, Pending, Tokens, Session)


def pack(value: Begun | Pending | Tokens | Session) -> bytes:
    """The bytes that are sealed and kept."""
    return msgspec.json.encode(value)


def unpack(kind: type[Kept], data: bytes | None) -> Kept | None:
    """What was kept; None when there is nothing, or it is of an older version of this code."""
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError:
        return None


def digest(secret: str) -> str:
    """What is kept in place of a secret that a browser holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def holds(secret: str, kept: str) -> bool:
    """Whether this is the secret whose digest was kept."""
    return hmac.compare_digest(digest(secret).encode(), kept.encode())


def guard(secret: str, launch_id: str) -> str:
    """What our own page sends along with every deed: nobody without the cookie can work it out."""
    return hmac.new(secret.encode(), f"deed {launch_id}".encode(), hashlib.sha256).hexdigest()
