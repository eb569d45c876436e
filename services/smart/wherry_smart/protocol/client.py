"""A signing key becomes what the EHR needs of it: a public key set and client assertions."""

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES384"
CURVE = "P-384"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(minutes=4)
"""SMART allows five minutes; a minute is left for clocks that differ."""


def new_key() -> ECKey:
    """A fresh signing key."""
    return ECKey.generate_key(CURVE, private=True, auto_kid=True)


def key_set(key: ECKey) -> dict[str, Any]:
    """The public half, with `alg` and `use` and without key_ops, which some servers trip over.

    Source: SMART App Launch 2.2, client-confidential-asymmetric, registering a client.
    """
    public = key.as_dict(private=False)
    shown = {name: public[name] for name in ("kty", "crv", "x", "y")}
    return {"keys": [{**shown, "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}]}


def assertion(key: ECKey, *, client_id: str, audience: str, jti: str, now: datetime) -> str:
    """A client assertion for one token request.

    Source: SMART App Launch 2.2, client-confidential-asymmetric; RFC 7523.
    """
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.thumbprint()}
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": jti,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
    }
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])
