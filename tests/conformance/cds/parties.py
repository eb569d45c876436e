"""The suite's own CDS clients: issuers, keys, key sets, and the JWTs that they send."""

import secrets
import time
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey
from tests.conformance.cds.stub import Stub
from tests.conformance.smart.keys import Key, public, sign

NAMES = ("first", "second", "rotating", "moved", "weak")
"""Clients that have to be registered; `second` belongs to another tenant than the others."""

TENANTS = {"second": "suite-two"}
DEFAULT_TENANT = "suite-one"


@dataclass(frozen=True, slots=True)
class Party:
    """One client: who it says it is, and where its keys are."""

    name: str
    issuer: str
    jku: str

    @property
    def tenant(self) -> str:
        """The organization that it belongs to."""
        return TENANTS.get(self.name, DEFAULT_TENANT)


def party(name: str, stub: Stub) -> Party:
    """The client of this name."""
    return Party(name, f"https://{name}.suite.example", stub.jku(name))


_RUN = secrets.token_hex(4)


def kid(name: str) -> str:
    """The id of a client's EC key: new in each run, with what base64 may hold."""
    return f"{name}/ec+{_RUN}="


@cache
def ec(name: str) -> ECKey:
    """A client's EC key; its id holds what base64 may hold."""
    return ECKey.generate_key("P-384", {"kid": kid(name), "alg": "ES384", "use": "sig"})


@cache
def rsa(name: str) -> RSAKey:
    """A client's RSA key."""
    return RSAKey.generate_key(2048, {"kid": f"{name}-rsa-{_RUN}", "alg": "RS384", "use": "sig"})


@cache
def short_rsa() -> RSAKey:
    """A key that is too short to trust."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # that it is too short is the point
        return RSAKey.generate_key(1024, {"kid": "weak-1024", "alg": "RS384", "use": "sig"})


@cache
def for_encryption() -> ECKey:
    """A key that says it is not for signatures."""
    return ECKey.generate_key("P-384", {"kid": "weak-enc", "alg": "ES384", "use": "enc"})


def publish(stub: Stub) -> None:
    """Put every client's key set where its jku says."""
    for name in NAMES:
        stub.key_sets[name] = public(ec(name), rsa(name))
    stub.key_sets["weak"] = public(ec("weak"), short_rsa(), for_encryption())
    stub.key_sets["evil"] = public(ec("evil"))


def token(
    sender: Party, audience: Any, *, key: Key | None = None, header: Any = None, **changes: Any
) -> str:
    """A good token of this client, unless something is changed; None leaves a member out."""
    key = key or ec(sender.name)
    head, body = parts(sender, audience, key=key, header=header, **changes)
    return sign(head, body, key)


def parts(
    sender: Party, audience: Any, *, key: Key | None = None, header: Any = None, **changes: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of such a token."""
    key = key or ec(sender.name)
    now = int(time.time())
    alg = "RS384" if isinstance(key, RSAKey) else "ES384"
    head = {"alg": alg, "typ": "JWT", "kid": key.kid, "jku": sender.jku, **(header or {})}
    claims = {
        "iss": sender.issuer,
        "aud": audience,
        "iat": now,
        "exp": now + 240,
        "jti": secrets.token_hex(16),
        "tenant": sender.tenant,
        **changes,
    }
    return (
        {name: value for name, value in head.items() if value is not None},
        {name: value for name, value in claims.items() if value is not None},
    )
