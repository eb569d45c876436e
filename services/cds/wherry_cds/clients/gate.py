"""Who is let in to /cds-services: clients with a signed token, or the suite's own programs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import structlog
from flask import Flask, g, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry.web import caller
from wherry_cds.clients.client import LOCAL, Client
from wherry_cds.clients.registry import Clients
from wherry_cds.clients.verify import Verifier
from wherry_cds.metrics import Metrics

log = structlog.get_logger()

PREFIX = "/cds-services"
_FEEDBACK = "/feedback"
_CONSTANT = "a valid token of a registered client is needed"


class DiscoveryAuth(StrEnum):
    """Who may read the catalogue: everybody, whoever has no token or a good one, or clients."""

    OPEN = "open"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Gate(Protocol):
    """Who a request comes from."""

    def admit(self, path: str, authorization: str) -> Client:
        """The caller of this path. Raises: Failure(UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE)."""
        ...

    def ping(self) -> None:
        """Return when callers can be checked. Raises: Failure(UNAVAILABLE)."""
        ...


@dataclass(frozen=True, slots=True)
class Unregistered:
    """The gate of a service without clients: the suite's secret or, without one, this machine.

    In production it stays shut: behind a proxy on this machine everybody is on this machine.
    """

    token: SecretStr | None = None
    production: bool = False

    def admit(self, path: str, authorization: str) -> Client:
        """The suite itself; the catalogue is open to everyone."""
        if path != PREFIX and self.production:
            raise Failure(Kind.FORBIDDEN, "no client is registered")
        if path != PREFIX:
            caller.check(self.token)
        return LOCAL

    def ping(self) -> None:
        """Nothing is needed."""


@dataclass(frozen=True, slots=True)
class Registering:
    """The gate of a service with clients; `bases` are the addresses that they know it by."""

    clients: Clients
    verifier: Verifier
    bases: Sequence[str]
    discovery: DiscoveryAuth
    metrics: Metrics
    otherwise: Unregistered = field(default_factory=Unregistered)

    def admit(self, path: str, authorization: str) -> Client:
        """The client that the token proves; why another one is refused is only logged.

        Raises: Failure: UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE.
        """
        clients = self.clients.all()
        if not clients:
            return self.otherwise.admit(path, authorization)
        if path == PREFIX and (
            self.discovery is DiscoveryAuth.OPEN
            or (self.discovery is DiscoveryAuth.OPTIONAL and not authorization)
        ):
            return LOCAL
        scheme, _, text = authorization.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Failure(Kind.UNAUTHENTICATED, "no bearer token", at="header")
            return self.verifier.verify(text.strip(), clients, endpoints(self.bases, path))
        except Failure as failure:
            self.metrics.refused(failure.at)
            log.warning("client_refused", rule=failure.at, reason=failure.detail)
            if failure.kind is Kind.UNAUTHENTICATED:
                raise Failure(Kind.UNAUTHENTICATED, _CONSTANT) from None
            raise Failure(failure.kind, _SAID.get(failure.kind, failure.detail)) from None

    def ping(self) -> None:
        """Return when clients are known and their tokens can be told apart."""
        if self.clients.all():
            self.verifier.replays.ping()


_SAID = {
    Kind.FORBIDDEN: "this client is not let in",
    Kind.UNAVAILABLE: "callers cannot be checked right now",
}


def endpoints(bases: Sequence[str], path: str) -> Collection[str]:
    """What `aud` may be for this path; feedback may name its service.

    Source: CDS Hooks 2.0, Trusting CDS Clients, aud; real clients end it with a slash or not.
    """
    paths = {path, path.removesuffix(_FEEDBACK)} if path.endswith(_FEEDBACK) else {path}
    return {
        f"{base.rstrip('/')}{each}{end}" for base in bases for each in paths for end in ("", "/")
    }


def install(app: Flask, gate: Gate) -> None:
    """Let nobody past who is not admitted; `g.client` is who calls. Preflights stay open."""

    @app.before_request
    def admit() -> None:
        path = request.path.rstrip("/")
        if request.method != "OPTIONS" and (path == PREFIX or path.startswith(f"{PREFIX}/")):
            g.client = gate.admit(path, request.headers.get("Authorization", ""))
