"""Claims about a clinician become a signed id_token; the key is made when first needed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from wherry_ehr.auth.records import Code
from wherry_ehr.auth.vault import Vault

LIFE = timedelta(minutes=5)


def id_token(code: Code, *, issuer: str, now: datetime, vault: Vault) -> str:
    """Who opened the app, for this app alone. Source: SMART 2.2, R200, R209, R210."""
    key = signing_key(vault)
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": code.practitioner,
        "aud": code.launch.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    if code.nonce:
        claims["nonce"] = code.nonce
    if "fhirUser" in code.scope.split():
        claims["fhirUser"] = f"{code.aud}/Practitioner/{code.practitioner}"
    header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=["RS256"])


def public_keys(vault: Vault) -> Mapping[str, Any]:
    """The key set that apps verify with. Source: SMART 2.2, R207 (bare keys)."""
    return {"keys": [signing_key(vault).as_dict(private=False)]}


def signing_key(vault: Vault) -> RSAKey:
    """The one key of this store."""
    kept = vault.known_key() or vault.key(_fresh())
    return RSAKey.import_key(msgspec.json.decode(kept))


def _fresh() -> str:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    return msgspec.json.encode(key.as_dict(private=True)).decode()
