"""A launch under way and a session that came of it, as they are kept between two requests."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

LIFE = timedelta(minutes=10)
"""A launch that has not come back by then is forgotten."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A browser was sent to the EHR and is to come back; `browser` is the hash of its cookie."""

    base: str
    token_endpoint: str
    jwks: str
    issuer: str
    names_issuer: bool
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    browser: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One launch of the app: one patient, one person, one EHR, one browser."""

    base: str
    access_token: str = field(repr=False)
    scope: str
    patient: str
    encounter: str
    banner: bool
    person: str
    browser: str = field(repr=False)
    started_at: datetime
    expires_at: datetime


Kept = TypeVar("Kept", Pending, Session)


def pack(value: Pending | Session) -> bytes:
    """The bytes that are sealed and kept."""
    return msgspec.json.encode(value)


def unpack(kind: type[Kept], data: bytes) -> Kept | None:
    """What was kept; None when it is of an older version of this code."""
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
