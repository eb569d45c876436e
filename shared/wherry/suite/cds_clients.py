"""The suite's own EHRs become clients of its CDS service: the sandbox's chart, and the demo."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from wherry.adapters.clock import new_id
from wherry.ports import Clock
from wherry.suite.addresses import Addresses
from wherry.suite.place import Place, write_private

DEMO_ISSUER = "urn:wherry:demo"
_ALGORITHM = "ES384"
_LIFE_S = 300


def write(place: Place, at: Addresses) -> Path:
    """The file of registrations for WHERRY_CDS_CLIENTS, written anew at each start."""
    path = place.root / "cds-clients.json"
    write_private(path, json.dumps(registrations(at, demo_key(place)), indent=2) + "\n")
    return path


def registrations(at: Addresses, key: ECKey) -> list[dict[str, Any]]:
    """The chart, whose keys are fetched, and the demo, whose key is given here."""
    common = {"profile": "sandbox", "fhir_servers": [at.fhir]}
    return [
        {
            "id": "sandbox",
            "iss": at.fhir,
            "jku": [f"{at.url('ehr')}/cds-client/jwks.json"],
            **common,
        },
        {
            "id": "demo",
            "iss": DEMO_ISSUER,
            "jwks": {"keys": [key.as_dict(private=False)]},
            **common,
        },
    ]


def demo_key(place: Place) -> ECKey:
    """The demo's key, made the first time; only the owner can read the file."""
    path = place.root / "cds-demo-key.json"
    if not path.exists():
        fresh = ECKey.generate_key("P-384", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
        write_private(path, json.dumps(fresh.as_dict(private=True)) + "\n")
    return ECKey.import_key(json.loads(path.read_text()))


def signer(key: ECKey, issuer: str, clock: Clock) -> Callable[[str], str]:
    """Makes a token for one call of this address. Source: CDS Hooks 2.0, Trusting CDS Clients."""

    def sign(url: str) -> str:
        now_s = int(clock.now().timestamp())
        header = {"alg": _ALGORITHM, "typ": "JWT", "kid": key.kid}
        claims = {
            "iss": issuer,
            "aud": url,
            "iat": now_s,
            "exp": now_s + _LIFE_S,
            "jti": new_id(),
        }
        return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])

    return sign
