"""Signing keys become what an EHR needs of them: a public key set and client assertions."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Key = ECKey | RSAKey

ES384, RS384 = "ES384", "RS384"
ALGORITHMS = (ES384, RS384)
"""What SMART asks clients to support. Source: SMART 2.2, R308, R309."""
CURVE, RSA_BITS = "P-384", 3072
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(minutes=4)
"""SMART allows five minutes; a minute is left for clocks that differ."""

# Key type → algorithm, and the members that are public. Source: SMART 2.2, R313 to R315
_PUBLIC: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "EC": (ES384, ("kty", "crv", "x", "y")),
    "RSA": (RS384, ("kty", "n", "e")),
}


def new_key(algorithm: str = ES384) -> Key:
    """A fresh signing key."""
    if algorithm == RS384:
        return RSAKey.generate_key(RSA_BITS, private=True, auto_kid=True)
    return ECKey.generate_key(CURVE, private=True, auto_kid=True)


def algorithm_of(key: Key) -> str:
    """The algorithm that this key signs with."""
    return _PUBLIC[key.key_type][0]


def key_set(keys: Iterable[Key]) -> dict[str, Any]:
    """The public halves, with `alg` and `use` and without key_ops, which some servers trip over.

    Source: SMART App Launch 2.2, client-confidential-asymmetric, registering a client.
    """
    return {"keys": [_public(key) for key in keys]}


def _public(key: Key) -> dict[str, Any]:
    algorithm, names = _PUBLIC[key.key_type]
    public: Mapping[str, Any] = key.as_dict(private=False)
    shown = {name: public[name] for name in names}
    return {**shown, "kid": key.thumbprint(), "alg": algorithm, "use": "sig"}


def assertion(key: Key, *, client_id: str, audience: str, jti: str, now: datetime) -> str:
    """A client assertion for one token request.

    Source: SMART App Launch 2.2, client-confidential-asymmetric, R319 to R332; RFC 7523.
    """
    algorithm = algorithm_of(key)
    header = {"alg": algorithm, "typ": "JWT", "kid": key.thumbprint()}
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": jti,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(LIFE.total_seconds()),
    }
    return jwt.encode(header, claims, key, algorithms=[algorithm])
