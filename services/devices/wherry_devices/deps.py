"""What the device service needs from the world, and how a view gets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.desk import InboxDesk
from wherry.networks import Network
from wherry.ports import Changes, Clock, Fhir, Inbox, Queue
from wherry_devices.accounts.clouds import Clouds
from wherry_devices.births import Births
from wherry_devices.derivation.days import Days
from wherry_devices.duplicates.paths import Paths
from wherry_devices.freshness.seen import Audit, Seen
from wherry_devices.freshness.standings import Standings
from wherry_devices.intake.doors import Door
from wherry_devices.intake.signature import Scheme
from wherry_devices.metrics import Metrics
from wherry_devices.owning.bindings import Bindings, Tally
from wherry_devices.template_files import Templates


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes. Service and worker share it."""

    inbox: Inbox
    desk: InboxDesk
    changes: Changes
    queue: Queue
    fhir: Fhir
    clock: Clock
    bindings: Bindings
    tally: Tally
    seen: Seen
    audit: Audit
    clouds: Clouds
    paths: Paths
    days: Days
    standings: Standings
    births: Births
    templates: Templates
    registry: CollectorRegistry
    metrics: Metrics
    signatures: Mapping[str, Scheme] = field(default_factory=dict, repr=False)
    doors: Mapping[str, Door] = field(default_factory=dict, repr=False)
    proxies: tuple[Network, ...] = ()
    token: SecretStr | None = None
    zone: str = ""
    day_window: int = 30
    day_bands: tuple[tuple[int, int], ...] = ((2, 15), (16, 30))
    streak_days: int = 60
    max_payload_bytes: int = 4 * 1024 * 1024


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
