"""What the CDS service needs from the world, and how a view gets it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.ports import Clock
from wherry.resource import Resource
from wherry_cds.audit import Audit, Deeds
from wherry_cds.board.port import Board
from wherry_cds.clients.gate import Gate
from wherry_cds.metrics import Metrics
from wherry_cds.parallel import InTurn, Together
from wherry_cds.policy.files import built_in
from wherry_cds.policy.policy import Policies
from wherry_cds.protocol.catalogue import SERVICES, Service
from wherry_cds.protocol.hooks import CONTEXTS, Fields
from wherry_cds.rules.score import AnyAnswer


class Scorer(Protocol):
    """The risk service."""

    def score(
        self,
        model: str,
        patient_id: str,
        resources: Sequence[Resource],
        *,
        at: datetime,
        timeout_s: float,
    ) -> AnyAnswer:
        """The score of these resources at this moment, or the reason why there is none.

        Raises: Failure: UNAVAILABLE when it is away, late or not understood; INVALID when it could
        not use the resources.
        """
        ...

    def ping(self) -> None:
        """Return when the service answers. Raises: Failure(UNAVAILABLE)."""
        ...


class FhirReader(Protocol):
    """FHIR servers that a person has put on the allow-list."""

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        """The JSON at this address; `at` is the prefetch key that it is for.

        Raises: Failure: UNMET when the server refuses, UNAVAILABLE when it is away or late.
        """
        ...


@dataclass(frozen=True, slots=True)
class Servers:
    """FHIR servers that may be read: our own with its secret, and those of the allow-list."""

    own: str
    own_token: SecretStr | None
    others: tuple[str, ...] = ()
    own_by_default: bool = False
    max_pages: int = 5


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that cards name; each is left out when it is empty."""

    source: str = ""
    chart: str = ""
    smart: str = ""
    models: str = ""


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes."""

    scorer: Scorer
    fhir: FhirReader
    clock: Clock
    ticks: Callable[[], float]
    new_id: Callable[[], str]
    servers: Servers
    links: Links
    metrics: Metrics
    registry: CollectorRegistry
    token: SecretStr | None
    origins: frozenset[str]
    deadline_s: float
    max_body_bytes: int
    audit: Audit
    board: Board
    deeds: Deeds
    together: Together = field(default_factory=InTurn)
    fhir_deadline_s: float = 1.5
    services: tuple[Service, ...] = SERVICES
    contexts: Mapping[str, Fields] = field(default_factory=lambda: CONTEXTS)
    gate: Gate | None = None
    policies: Policies = field(default_factory=built_in)
    off: frozenset[str] = frozenset()
    app_tenant: str = "sandbox"


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
