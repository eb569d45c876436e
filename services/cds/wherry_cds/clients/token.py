"""A signed JWT becomes what it says of itself, and then what it proves; no rule is left out."""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from wherry.errors import Failure, Kind

MAX_CHARS = 8192
_MAX_TEXT = 255

# Source: RFC 7518, 3.1: key type and curve of each algorithm; CDS Hooks 2.0 forbids the symmetric
# ones and `none`
ALGORITHMS: Mapping[str, tuple[str, str]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
}
MIN_RSA_BITS = 2048

# A token that brings its own key proves nothing
_FOREIGN_KEYS = frozenset({"jwk", "x5u", "x5c"})

Key = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Seen:
    """What a token says, before anything is proved."""

    text: str = field(repr=False)
    header: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def alg(self) -> str:
        """The algorithm, one of ours."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str:
        """The key's id, which may hold any printable character."""
        return str(self.header["kid"])

    @property
    def jku(self) -> str:
        """Where it says that its keys are; empty when it does not."""
        return str(self.header.get("jku", ""))

    @property
    def iss(self) -> str:
        """Who it says has signed it."""
        return str(self.claims["iss"])

    def text_of(self, name: str) -> str:
        """An optional claim that is a text, else an empty one."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""


def no(rule: str, reason: str) -> Failure:
    """The failure of one rule; callers are told none of this."""
    return Failure(Kind.UNAUTHENTICATED, reason, at=rule)


def seen(text: str) -> Seen:
    """Read without believing. Raises: Failure(UNAUTHENTICATED) for what cannot be right.

    Source: CDS Hooks 2.0, Trusting CDS Clients, JWT header and claims.
    """
    parts = text.split(".")
    if len(text) > MAX_CHARS:
        raise no("header", f"the token is longer than {MAX_CHARS} characters")
    if len(parts) != 3 or not all(parts):
        raise no("header", "not a signed JWT")
    header, claims = _object(parts[0]), _object(parts[1])
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise no("header", "alg is none, symmetric or not known")
    if not isinstance(header.get("typ"), str) or header["typ"].upper() != "JWT":
        raise no("header", "typ must be JWT")
    if "crit" in header or "b64" in header:
        raise no("header", "crit names extensions that are not understood")
    if _FOREIGN_KEYS & header.keys():
        raise no("header", "the header may not bring a key")
    if not _is_text(header.get("kid")):
        raise no("header", "kid is needed, a text")
    if "jku" in header and not isinstance(header["jku"], str):
        raise no("header", "jku must be a text")
    if not _is_text(claims.get("iss")):
        raise no("issuer", "iss is needed, a text")
    return Seen(text, header, claims)


def check_audience(claims: Mapping[str, Any], accepted: Collection[str]) -> None:
    """Return when `aud` names the endpoint that was called. Raises: Failure(UNAUTHENTICATED)."""
    aud = claims.get("aud")
    named = [aud] if isinstance(aud, str) else aud
    if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
        raise no("audience", "aud is needed, a text or a list of texts")
    if not any(one in accepted for one in named):
        raise no("audience", "aud does not name this endpoint, nor an alias of this client")


def check_times(claims: Mapping[str, Any], *, now_s: float, leeway_s: int, max_life_s: int) -> int:
    """`exp`, when the token is good now. Raises: Failure(UNAUTHENTICATED).

    Units: seconds since 1970.
    """
    exp, iat = claims.get("exp"), claims.get("iat")
    if not _is_number(exp) or not _is_number(iat):
        raise no("times", "exp and iat are needed, as numbers")
    if exp + leeway_s <= now_s:
        raise no("times", "the token is over")
    if iat - leeway_s > now_s:
        raise no("times", "iat lies ahead")
    if exp - iat > max_life_s or exp <= iat:
        raise no("times", f"a token lives no longer than {max_life_s} s")
    if "nbf" in claims and not (_is_number(claims["nbf"]) and claims["nbf"] - leeway_s <= now_s):
        raise no("times", "nbf lies ahead")
    return int(exp)


def check_jti(claims: Mapping[str, Any]) -> str:
    """`jti`. Raises: Failure(UNAUTHENTICATED)."""
    if not _is_text(claims.get("jti")):
        raise no("replay", "jti is needed, a text")
    return str(claims["jti"])


def check_signature(token: Seen, key: Key) -> None:
    """Return when this key has signed the token. Raises: Failure(UNAUTHENTICATED)."""
    try:
        jws.deserialize_compact(token.text, key, [token.alg], _registry(token.alg))
    except (JoseError, ValueError, TypeError):
        raise no("signature", "the signature does not verify") from None


def key_of(jwk: Mapping[str, Any], alg: str) -> Key:
    """A public key that fits the algorithm. Raises: Failure(UNAUTHENTICATED)."""
    type_, curve = ALGORITHMS[alg]
    if jwk.get("kty") != type_ or (curve and jwk.get("crv") != curve):
        raise no("key", f"{alg} needs a key of type {' '.join((type_, curve)).strip()}")
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", alg) != alg:
        raise no("key", "the key is for something else")
    if "key_ops" in jwk and (
        not isinstance(jwk["key_ops"], list) or "verify" not in jwk["key_ops"]
    ):
        raise no("key", "the key is for something else")
    if type_ == "RSA" and _bits(jwk.get("n")) < MIN_RSA_BITS:
        raise no("key", f"RSA keys need {MIN_RSA_BITS} bits or more")
    public = {name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk}
    try:
        key: Key = RSAKey.import_key(public) if type_ == "RSA" else ECKey.import_key(public)
        key.public_key  # noqa: B018 - made when first asked for, and now is when it may fail
    except (JoseError, ValueError, TypeError, KeyError):
        raise no("key", "the key cannot be read") from None
    return key


def _bits(modulus: Any) -> int:
    try:
        return int.from_bytes(_bytes(modulus)).bit_length()
    except (ValueError, TypeError, AttributeError):
        return 0


def _bytes(part: str) -> bytes:
    """Base64url without padding. Raises: ValueError."""
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _registry(alg: str) -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = MAX_CHARS  # a jku may be long; the token's length is capped above
    return registry


def _object(part: str) -> Mapping[str, Any]:
    try:
        value = msgspec.json.decode(_bytes(part))
    except (ValueError, msgspec.DecodeError):
        value = None
    if not isinstance(value, dict):
        raise no("header", "not a signed JWT")
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
