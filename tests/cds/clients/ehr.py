"""A made-up EHR that signs its calls, and the world in which its tokens are checked."""

import warnings
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey
from prometheus_client import CollectorRegistry

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.gate import DiscoveryAuth, Registering, Unregistered
from wherry_cds.clients.keyset import addresses, key_set
from wherry_cds.clients.keysets import Documents
from wherry_cds.clients.profile import STRICT
from wherry_cds.clients.token import Key
from wherry_cds.clients.verify import Verifier
from wherry_cds.metrics import Metrics

NOW_S = 1_772_366_400.0
BASE = "https://cds.example.org"
ENDPOINT = f"{BASE}/cds-services/early-warning"
ISS, JKU = "https://ehr.example.org", "https://ehr.example.org/jwks.json"

Made = Mapping[str, Any]


@cache
def rsa(bits: int = 2048) -> RSAKey:
    """One RSA key for all tests: making one takes a while."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # one test needs a weak one
        return RSAKey.generate_key(bits)


@cache
def ec(curve: str = "P-384", _name: str = "") -> ECKey:
    """One key for each curve and name."""
    return ECKey.generate_key(curve)


def jwk(key: Key, kid: str = "k-1", **more: Any) -> dict[str, Any]:
    """The public half as a set holds it."""
    return {**key.as_dict(private=False), "kid": kid, **more}


def claims(**changes: Any) -> dict[str, Any]:
    """What a good token claims; a change to None leaves the claim out."""
    good = {
        "iss": ISS,
        "aud": ENDPOINT,
        "iat": int(NOW_S),
        "exp": int(NOW_S) + 300,
        "jti": "jti-1",
        **changes,
    }
    return {name: value for name, value in good.items() if value is not None}


def header(alg: str = "ES384", **changes: Any) -> dict[str, Any]:
    """What a good token says of itself."""
    good = {"alg": alg, "typ": "JWT", "kid": "k-1", "jku": JKU, **changes}
    return {name: value for name, value in good.items() if value is not None}


def part(value: Any) -> str:
    """One part of a token."""
    return urlsafe_b64encode(encode(value)).rstrip(b"=").decode()


def with_header(head: Made, said: Made | None = None) -> str:
    """A token whose header was put in place of the signed one."""
    _, body, signature = signed(said).split(".")
    return f"{part(head)}.{body}.{signature}"


def signed(
    said: Made | None = None, *, key: Any = None, head: Made | None = None, alg: str = "ES384"
) -> str:
    """A token in compact form."""
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = 20_000
    given = dict(head if head is not None else header(alg))
    payload = encode(claims() if said is None else said)
    return jws.serialize_compact(given, payload, key or ec(), [alg], registry)


def bearer(text: str) -> dict[str, str]:
    """The header of a call."""
    return {"Authorization": f"Bearer {text}"}


class FakeFetch:
    """Documents in memory; what is asked is remembered."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self.documents = documents
        self.asked: list[str] = []

    def get(self, address: str, *, loopback: bool) -> bytes:
        self.asked.append(address)
        found = self.documents.get(address)
        if found is None:
            raise Failure(Kind.UNAVAILABLE, "no such document")
        return found if isinstance(found, bytes) else encode(found)


class FakeReplays:
    """Token ids in memory; `away` is a store that cannot be asked."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, str], int] = {}
        self.away = False

    def first(self, iss: str, jti: str, *, life_s: int) -> bool:
        self.ping()
        if (iss, jti) in self.taken:
            return False
        self.taken[iss, jti] = life_s
        return True

    def ping(self) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "callers cannot be checked right now", at="redis")


@dataclass
class FixedClients:
    """The registered clients."""

    clients: Sequence[Client] = ()

    def all(self) -> Sequence[Client]:
        return self.clients


def client(**changes: Any) -> Client:
    """The made-up EHR as it is registered."""
    return replace(Client("ehr", "ward", ISS, STRICT, jku=frozenset({JKU})), **changes)


@dataclass
class Checking:
    """A verifier around fakes, with its own two clocks."""

    documents: dict[str, Any] = field(default_factory=lambda: {JKU: {"keys": [jwk(ec())]}})
    now_s: float = NOW_S
    ticks: float = 1000.0

    def __post_init__(self) -> None:
        self.fetch, self.replays = FakeFetch(self.documents), FakeReplays()
        self.verifier = Verifier(
            sets=Documents(self.fetch, lambda: self.ticks, key_set),
            lists=Documents(self.fetch, lambda: self.ticks, addresses),
            replays=self.replays,
            now_s=lambda: self.now_s,
        )

    def verify(self, text: str, *clients: Client, accepted: Sequence[str] = (ENDPOINT,)) -> Client:
        return self.verifier.verify(text, clients or (client(),), accepted)

    def gate(
        self,
        *clients: Client,
        discovery: DiscoveryAuth = DiscoveryAuth.OPTIONAL,
        otherwise: Unregistered | None = None,
    ) -> Registering:
        return Registering(
            clients=FixedClients(clients),
            verifier=self.verifier,
            bases=(BASE,),
            discovery=discovery,
            metrics=Metrics(CollectorRegistry()),
            otherwise=otherwise or Unregistered(),
        )
