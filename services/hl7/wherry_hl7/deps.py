"""What the hl7 service needs from the world, and how a view gets it."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.desk import Desk
from wherry.ports import Changes, Clock, Fhir, Inbox, Queue, Tally
from wherry.retention import Chores
from wherry_hl7.door import Door
from wherry_hl7.senders import Senders
from wherry_hl7.triage import Policy


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes. Feed, pages and worker share it."""

    inbox: Inbox
    desk: Desk
    changes: Changes
    tally: Tally
    queue: Queue
    fhir: Fhir
    clock: Clock
    registry: CollectorRegistry
    policy: Policy
    token: SecretStr | None = None
    senders: Senders = field(default_factory=Senders)
    door: Door = field(default_factory=Door)
    encrypted: bool = True
    chores: Chores | None = None


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
