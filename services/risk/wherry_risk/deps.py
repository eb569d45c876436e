"""What the risk service needs from the world, and how a view gets it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.ports import Changes, Clock, Fhir
from wherry_risk.lifecycle.roles import Role
from wherry_risk.metrics import Metrics
from wherry_risk.model.interface import Model, Registry
from wherry_risk.records import Records, ScoreAudit


def nobody(_asked: str) -> Sequence[tuple[Role, Model]]:
    """No version scores beside any model."""
    return ()


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes.

    `unserved`: packages that did not pass their checks, and why. `pauses`: seconds between the
    attempts at a patient who cannot be scored; after the last one they are set aside. `beside`: the
    versions that score beside a model and are never shown. `public_cards`: whether everybody may
    read the models' cards.
    """

    models: Registry
    fhir: Fhir
    changes: Changes
    records: Records
    audit: ScoreAudit
    clock: Clock
    new_id: Callable[[], str]
    ticks: Callable[[], float]
    metrics: Metrics
    registry: CollectorRegistry
    token: SecretStr | None = None
    max_body_bytes: int = 16 * 1024 * 1024
    quiet_s: float = 1.0
    lease_s: float = 30.0
    batch: int = 20
    pauses: tuple[float, ...] = (15.0, 30.0, 60.0)
    unserved: Mapping[str, str] = field(default_factory=dict)
    worker_models: tuple[str, ...] = ("news2",)
    beside: Callable[[str], Sequence[tuple[Role, Model]]] = nobody
    public_cards: bool = False


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
