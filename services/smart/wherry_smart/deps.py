"""What the launch host needs from the world, and how a view gets it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from flask import current_app
from joserfc.jwk import ECKey
from prometheus_client import CollectorRegistry

from wherry.ports import Clock, Fhir
from wherry.resource import Resource
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.addresses import AllowList
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import Pending, Session


class Authorization(Protocol):
    """The authorization servers of the EHRs on the allow-list."""

    def discover(self, base: str) -> Endpoints:
        """What the EHR at this FHIR base says of itself.

        Raises: Failure: UNAVAILABLE when it is away; UNSUPPORTED, FORBIDDEN when it is of no use.
        """
        ...

    def exchange(self, pending: Pending, code: str) -> Mapping[str, Any]:
        """The token response for this code. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        ...

    def keys(self, pending: Pending) -> Sequence[Mapping[str, Any]]:
        """The public keys of the EHR. Raises: Failure(UNAVAILABLE)."""
        ...


class Vault(Protocol):
    """Sealed values that vanish by themselves; names are kept as hashes, values encrypted."""

    def put(self, kind: str, name: str, value: bytes, *, life_s: int) -> None:
        """Keep a value under a secret name. Raises: Failure(UNAVAILABLE)."""
        ...

    def take(self, kind: str, name: str) -> bytes | None:
        """The value, once: whoever asks next gets None. Raises: Failure(UNAVAILABLE)."""
        ...

    def get(self, kind: str, name: str) -> bytes | None:
        """The value. Raises: Failure(UNAVAILABLE)."""
        ...

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        ...


class Scorer(Protocol):
    """The risk service."""

    def models(self) -> Sequence[Mapping[str, Any]]:
        """The models it has. Raises: Failure(UNAVAILABLE)."""
        ...

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        """Its answer about these resources. Raises: Failure(UNAVAILABLE, INVALID)."""
        ...

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        ...


FhirOf = Callable[[Session], AbstractContextManager[Fhir]]


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the EHRs."""

    id: str
    scopes: str
    public_url: str

    @property
    def redirect(self) -> str:
        """The one registered redirect address."""
        return f"{self.public_url}/callback"

    @property
    def is_public(self) -> bool:
        """Whether browsers reach us by https, as anywhere but on one machine."""
        return self.public_url.startswith("https:")


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes."""

    allow: AllowList
    authorization: Authorization
    vault: Vault
    fhir: FhirOf
    scorer: Scorer
    clock: Clock
    secret: Callable[[int], str]
    """That many random bytes as text."""
    client: Client
    key: Callable[[], ECKey]
    page: Path
    frame_ancestors: tuple[str, ...]
    session_s: int
    metrics: Metrics
    registry: CollectorRegistry


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
