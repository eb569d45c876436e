"""A call of a CDS service becomes a signed JWT; the key is made when first needed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import Engine, insert, select

from wherry.adapters.sql import reading, writing
from wherry_ehr.auth.rows import in_turn
from wherry_ehr.chart import tables

ALGORITHM = "ES384"
LIFE = timedelta(minutes=5)
JWKS_PATH = "/cds-client/jwks.json"


def signed(engine: Engine, *, issuer: str, jku: str, url: str, jti: str, now: datetime) -> str:
    """Who calls, for this endpoint alone. Source: CDS Hooks 2.0, Trusting CDS Clients."""
    key = signing_key(engine)
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.kid, "jku": jku}
    claims = {
        "iss": issuer,
        "aud": url,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
        "jti": jti,
    }
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def public_keys(engine: Engine) -> Mapping[str, Any]:
    """The key set that CDS services verify with."""
    return {"keys": [signing_key(engine).as_dict(private=False)]}


def signing_key(engine: Engine) -> ECKey:
    """The one key of this store."""
    asked = select(tables.cds_key.c.jwk)
    with reading(engine) as connection:
        kept = connection.execute(asked).scalar_one_or_none()
    if kept is None:
        fresh = _fresh()
        with writing(engine) as connection:
            in_turn(connection)
            kept = connection.execute(asked).scalar_one_or_none()
            if kept is None:
                connection.execute(insert(tables.cds_key).values(id=1, jwk=fresh))
        kept = kept or fresh
    return ECKey.import_key(msgspec.json.decode(kept))


def _fresh() -> str:
    key = ECKey.generate_key("P-384", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return msgspec.json.encode(key.as_dict(private=True)).decode()
