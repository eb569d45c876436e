"""An id_token becomes the person who uses the app, or a refusal."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from wherry.errors import Failure, Kind

# Algorithm → key type, and the hash of at_hash. Never "none", never one with a shared secret.
# Source: RFC 7518 3.1; OpenID Connect Core 3.1.3.6
ALGORITHMS = {
    "RS256": ("RSA", "sha256"),
    "RS384": ("RSA", "sha384"),
    "PS256": ("RSA", "sha256"),
    "ES256": ("EC", "sha256"),
    "ES384": ("EC", "sha384"),
}
_KEYS: Mapping[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
LEEWAY = timedelta(seconds=60)
MAX_AGE = timedelta(minutes=10)
"""It comes with the answer to our code; one that was issued long before is somebody else's."""
MAX_LENGTH = 16_384
_HEADER_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Expected:
    """What the id_token of this one launch must say."""

    issuers: tuple[str, ...]
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    base: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who uses the app, as the EHR names them; `fhir_user` is relative to the FHIR base."""

    subject: str
    fhir_user: str


# Source: SMART App Launch 2.2, R202 to R204
_USER = re.compile(
    r"(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)/[A-Za-z0-9\-.]{1,64}"
)


def person(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, *, now: datetime
) -> Person:
    """The person, when every claim holds. Raises: Failure(FORBIDDEN, at="id_token").

    Source: OpenID Connect Core 3.1.3.7; the header's own jwk, jku, x5u and x5c are never used.
    """
    algorithm, claims = _signed(token, keys)
    rules = (*_rules(claims, expected, now), _hash_rule(claims, expected, algorithm))
    problem = next((text for holds, text in rules if not holds), "")
    if problem:
        raise _refused(problem)
    user = claims.get("fhirUser", claims.get("profile", ""))
    return Person(subject=claims["sub"], fhir_user=_user(user, expected.base))


def _user(said: Any, base: str) -> str:
    """The user's resource on this FHIR server; one that is elsewhere is not asked for with a token.

    Source: SMART 2.2, R97, R202 to R204.
    """
    reference = said.removeprefix(f"{base}/") if isinstance(said, str) else ""
    return reference if _USER.fullmatch(reference) else ""


def key_id(token: str) -> str:
    """The key that the token names; nothing of it is believed yet. Empty when it names none."""
    try:
        named = _header(token).get("kid")
    except Failure:
        return ""
    return named if isinstance(named, str) else ""


def _signed(token: str, keys: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _refused("its algorithm is not allowed")
    if not isinstance(kid, str) or not kid:
        raise _refused("it does not name its key")
    kind, _ = ALGORITHMS[algorithm]
    fitting = [key for key in keys if _fits(key, kid, kind, algorithm)]
    if len(fitting) != 1:
        raise _refused("its key is not among the EHR's")
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = _HEADER_LENGTH
    try:
        key = _KEYS[kind].import_key({**fitting[0]})
        return algorithm, jwt.decode(token, key, registry=registry).claims
    except (JoseError, ValueError):
        raise _refused("its signature does not hold") from None


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > MAX_LENGTH or token.count(".") != 2:
        raise _refused("it is not a signed token")
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise _refused("it is not a signed token") from None
    if not isinstance(header, dict):
        raise _refused("it is not a signed token")
    return header


def _fits(key: Mapping[str, Any], kid: str, kind: str, algorithm: str) -> bool:
    return (
        key.get("kid") == kid
        and key.get("kty") == kind
        and key.get("use") in {None, "sig"}
        and key.get("alg") in {None, algorithm}
    )


def _rules(
    claims: Mapping[str, Any], expected: Expected, now: datetime
) -> Sequence[tuple[bool, str]]:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    time, subject, nonce = now.timestamp(), claims.get("sub"), claims.get("nonce")
    leeway, age = LEEWAY.total_seconds(), MAX_AGE.total_seconds()
    expires, issued = _number(claims.get("exp")), _number(claims.get("iat"))
    starts = _number(claims.get("nbf", 0))
    return (
        (claims.get("iss") in expected.issuers, "another issuer signed it"),
        (expected.client_id in audiences, "it is for another app"),
        (party in {None, expected.client_id}, "it was given to another app"),
        (len(audiences) == 1 or party == expected.client_id, "it is for several apps"),
        (expires is not None and time < expires + leeway, "it has expired"),
        (issued is not None and -leeway <= time - issued <= age, "it was not issued just now"),
        (starts is not None and starts <= time + leeway, "it is not valid yet"),
        (isinstance(nonce, str) and _same(nonce, expected.nonce), "it is of another launch"),
        (isinstance(subject, str) and 0 < len(subject) <= 255, "it does not name a person"),
    )


def _hash_rule(claims: Mapping[str, Any], expected: Expected, algorithm: str) -> tuple[bool, str]:
    said = claims.get("at_hash")
    digest = hashlib.new(ALGORITHMS[algorithm][1], expected.access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    holds = said is None or (isinstance(said, str) and _same(said, half))
    return holds, "it belongs to another access token"


def _number(value: Any) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _refused(reason: str) -> Failure:
    return Failure(
        Kind.FORBIDDEN, f"the EHR's id_token cannot be accepted: {reason}", at="id_token"
    )
