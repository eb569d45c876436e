"""The simulator's own key, and the JWT that a call carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind

ALGORITHM = "ES384"
LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who calls: issuer, key, and where the key's public half is, if anywhere."""

    issuer: str
    key: ECKey = field(repr=False)
    jku: str = ""
    tenant: str = ""

    def token(self, url: str, *, jti: str, now: datetime) -> str:
        """A token for this endpoint alone. Source: CDS Hooks 2.0, Trusting CDS Clients."""
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self.key.kid, "jku": self.jku}
        claims = {
            "iss": self.issuer,
            "aud": url,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "jti": jti,
            "tenant": self.tenant,
        }
        return jwt.encode(_present(header), _present(claims), self.key, algorithms=[ALGORITHM])


def key_in(path: Path) -> ECKey:
    """The private key in this file; a new one is written there when there is no such file.

    Raises: Failure(INVALID) for a file that holds none. Beside it, `<file>.jwks.json` gets the
    public half, which is what a service has to know.
    """
    if not path.exists():
        fresh = ECKey.generate_key("P-384", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(encode(fresh.as_dict(private=True)))
    try:
        held = decode(path.read_bytes())
        key = ECKey.import_key(held)
        public = {"keys": [key.as_dict(private=False)]}
    except (Failure, JoseError, ValueError, TypeError, KeyError):
        raise Failure(Kind.INVALID, "this file holds no private EC key", at=path.name) from None
    path.with_name(f"{path.name}.jwks.json").write_bytes(encode(public))
    return key


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
