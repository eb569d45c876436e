"""Keys of the suite's EHR, and of somebody who would like to be it."""

import base64
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

Json = dict[str, Any]

KEY = RSAKey.generate_key(2048, private=True, parameters={"kid": "ehr-1", "use": "sig"})
FOREIGN = RSAKey.generate_key(2048, private=True, parameters={"kid": "ehr-1", "use": "sig"})


def sign(head: Json, claims: Json, key: RSAKey) -> str:
    """A signed token."""
    return jwt.encode(head, claims, key, algorithms=["RS256", "RS384", "PS256"])


def unsigned(claims: Json) -> str:
    """A token of the algorithm none."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "kid": "ehr-1"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
