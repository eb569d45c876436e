"""A signed client assertion becomes the claims it proves, or the reason why it proves nothing."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from wherry.errors import Failure, Kind

# Source: SMART 2.2, R310; the key type that each algorithm needs
ALGORITHMS: Mapping[str, str] = {"RS384": "RSA", "ES384": "EC"}
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

MAX_LIFE_S = 300
_SKEW_S = 5
_MAX_CHARS = 8192
_MAX_JTI = 255
# An assertion that brings its own key proves nothing
_FOREIGN_KEYS = frozenset({"jwk", "x5u", "x5c"})


class Claimed(NamedTuple):
    """What an assertion says of itself, before anything is proved."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def client_id(self) -> str:
        """Who is said to be calling."""
        subject = self.claims.get("sub")
        return subject if isinstance(subject, str) else ""


def claimed(assertion: str) -> Claimed:
    """Read without believing. Raises: Failure(UNAUTHENTICATED) for what cannot be right.

    Source: SMART 2.2, client-confidential-asymmetric, Authentication JWT Header Values.
    """
    parts = assertion.split(".")
    if len(assertion) > _MAX_CHARS or len(parts) != 3:
        raise _no("not a signed JWT")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("alg") not in ALGORITHMS:
        raise _no("alg must be RS384 or ES384")
    if header.get("typ") != "JWT":
        raise _no("typ must be JWT")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise _no("kid is needed")
    if _FOREIGN_KEYS & header.keys():
        raise _no("the header may not bring a key")
    return Claimed(header, claims)


def has_key(jwks: Mapping[str, Any], kid: str) -> bool:
    """Whether any key goes by this id."""
    return any(isinstance(one, dict) and one.get("kid") == kid for one in jwks.get("keys", []))


def prove(
    assertion: str, seen: Claimed, *, jwks: Mapping[str, Any], audience: str, now_s: int
) -> tuple[str, int]:
    """The id and the end of this assertion. Raises: Failure(UNAUTHENTICATED).

    Source: RFC 7523, 3; SMART 2.2, R327 to R332, R335, R338.
    """
    alg = str(seen.header["alg"])
    key = _key(jwks, str(seen.header["kid"]), alg)
    try:
        claims = jwt.decode(
            assertion, key, algorithms=[alg], registry=JWSRegistry(algorithms=[alg])
        ).claims
    except (JoseError, ValueError, TypeError):
        raise _no("the signature does not verify") from None
    if claims.get("iss") != seen.client_id or claims.get("sub") != seen.client_id:
        raise _no("iss and sub must both be the client_id")
    if claims.get("aud") not in (audience, [audience]):
        raise _no("aud must be the token endpoint")
    return _jti(claims), _ends_at(claims, now_s)


def _key(jwks: Mapping[str, Any], kid: str, alg: str) -> RSAKey | ECKey:
    """The one key of this id and type. Source: SMART 2.2, R338."""
    fitting = [
        one
        for one in jwks.get("keys", [])
        if isinstance(one, dict) and one.get("kid") == kid and one.get("kty") == ALGORITHMS[alg]
    ]
    if len(fitting) != 1:
        raise _no("no single key of the client has this kid and type")
    found = fitting[0]
    if found.get("use", "sig") != "sig" or found.get("alg", alg) != alg:
        raise _no("the key is for something else")
    if alg == "ES384" and found.get("crv") != "P-384":
        raise _no("ES384 needs a key on P-384")
    public = {name: found[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in found}
    try:
        key = RSAKey.import_key(public) if alg == "RS384" else ECKey.import_key(public)
        small = alg == "RS384" and key.public_key.key_size < 2048
    except (JoseError, ValueError, TypeError):
        raise _no("the client's key cannot be read") from None
    if small:
        raise _no("RSA keys need 2048 bits or more")
    return key


def _jti(claims: Mapping[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
        raise _no("jti is needed, a text of at most 255 characters")
    return jti


def _ends_at(claims: Mapping[str, Any], now_s: int) -> int:
    """`exp`, when the assertion is good now and for no more than five minutes."""
    exp = claims.get("exp")
    if not _is_number(exp):
        raise _no("exp is needed, a number")
    if not now_s < exp <= now_s + MAX_LIFE_S:
        raise _no("exp must lie ahead, by five minutes at most")
    for name in ("nbf", "iat"):
        if name in claims and not (_is_number(claims[name]) and claims[name] <= now_s + _SKEW_S):
            raise _no(f"{name} lies ahead")
    return int(exp) + 1


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(part: str) -> Mapping[str, Any]:
    try:
        padded = part + "=" * (-len(part) % 4)
        value = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, msgspec.DecodeError):
        value = None
    if not isinstance(value, dict):
        raise _no("not a signed JWT")
    return value


def _no(reason: str) -> Failure:
    return Failure(Kind.UNAUTHENTICATED, reason, at="client_assertion")
