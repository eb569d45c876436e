"""Everything the sandbox EHR needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.ports import Clock
from wherry.resource import Issue, Resource
from wherry.web.peers import Networks
from wherry_ehr.auth.brands import BRAND
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.keys import KeySource, no_keys
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.chart.hooks import Hooks
from wherry_ehr.faults import Faults
from wherry_ehr.metrics import Metrics
from wherry_ehr.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class Deps:
    """`check` says what is wrong with a resource; `public_url` is empty to use the caller's.

    `issuer` is the FHIR base as browsers and apps know it, empty to use the caller's too.

    Peers in `trusted_peers` count as this machine.

    `clients` are the SMART apps that the sandbox is started with (`auth.registry` knows them all).
    `hooks` is the way to CDS services, `cds_servers` are those that the sandbox is started with,
    `cds_allowed` origins that may be registered beside loopback addresses.
    `brand` is the Organization whose server this is.
    `quirks` is the profile of discovery documents, `test_seam` opens /auth/test to this machine.
    """

    store: SqlStore
    clock: Clock
    new_id: Callable[[], str]
    check: Callable[[Resource], list[Issue]]
    metrics: Metrics
    registry: CollectorRegistry
    fhir_token: SecretStr | None = None
    open_fhir: bool = False
    trusted_peers: Networks = ()
    public_url: str = ""
    issuer: str = ""
    clients: tuple[Client, ...] = ()
    keys: KeySource = no_keys
    hooks: Hooks | None = None
    cds_servers: tuple[CdsServer, ...] = ()
    cds_allowed: tuple[str, ...] = ()
    cds_deadline_s: float = 2.5
    faults: Faults | None = None
    brand: Resource = field(default_factory=lambda: BRAND)
    quirks: str = ""
    test_seam: bool = False


def deps() -> Deps:
    """The Deps of the app that is answering."""
    return cast(Deps, current_app.extensions["wherry"])
