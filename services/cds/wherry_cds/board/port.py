"""The `Board` port: every decision about a card is a row, and later decisions read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wherry_cds.policy.decide import Decision, Finding
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy


@dataclass(frozen=True, slots=True)
class About:
    """What a decision is about; ids only. `unit` is the place of the stay, where it is known.

    `covering` are the services whose snoozes hold for this one, itself among them.
    """

    tenant: str
    client: str
    service: str
    hook: str
    patient: str
    card: str
    stay: str = ""
    unit: str = ""
    model: str = ""
    version: str = ""
    record: str = ""
    summary: str = field(default="", repr=False)
    covering: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One decision as it was kept."""

    id: int
    at: datetime
    about: About
    user: str
    level: Level
    amount: float | None
    shown: bool
    rule: str
    policy: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One item of feedback. Source: CDS Hooks 2.0, Feedback."""

    card: str
    outcome: str
    at: datetime
    suggestions: tuple[str, ...] = ()
    reason: str = ""
    comment: str = field(default="", repr=False)
    system: str = ""
    not_utc: bool = False


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A wish for quiet about one patient and service; `user` and `role` empty: for everybody."""

    id: str
    tenant: str
    patient: str
    service: str
    user: str
    level: Level
    reason: str
    card: str
    by: str
    since: datetime
    until: datetime
    ended: datetime | None = None
    ended_by: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody doubted the data of a card; open until a person closes it."""

    id: int
    card: str
    service: str
    opened: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A card that was shown and the last that was said of it; `said` None: ignored so far."""

    row: Row
    said: Said | None = None


class Board(Protocol):
    """Decisions, feedback and snoozes. All raise Failure(UNAVAILABLE) when they cannot be kept."""

    def judge(self, about: About, finding: Finding, policy: ServicePolicy) -> Decision:
        """Decide on what was seen before, and keep the decision, both in one step.

        Two calls at the same time are judged one after the other.
        """
        ...

    def take(self, tenant: str, service: str, said: Sequence[Said], policy: ServicePolicy) -> int:
        """Keep feedback, the same item once; how many are about cards that nobody knows.

        What a reason silences is silenced from then on, and a doubt about the data opens a ticket.
        """
        ...

    def snooze(self, wish: Snoozed) -> None:
        """Keep a wish for quiet, and who had it."""
        ...

    def end_snooze(self, tenant: str, id_: str, *, by: str, at: datetime) -> bool:
        """End it before its time; False when there is none that holds."""
        ...

    def of_patient(
        self, tenant: str, patient: str, *, since: datetime, limit: int
    ) -> tuple[list[Row], list[tuple[Said, str]], list[Snoozed]]:
        """Decisions, feedback with its service, and snoozes of one patient, newest first."""
        ...

    def rows(self, tenant: str, *, after: int, limit: int) -> list[Row]:
        """Decisions above this id, oldest first."""
        ...

    def shown(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> list[Outcome]:
        """Cards that were shown then, each with what came of it, oldest first."""
        ...

    def was_shown(self, tenant: str, patient: str, card: str) -> bool:
        """Whether this card was shown about this patient."""
        ...

    def last_level(self, tenant: str, patient: str, service: str) -> Level | None:
        """How urgent the last decision was; None when there is none."""
        ...

    def switched_off(self, tenant: str, service: str) -> bool:
        """Whether a person threw the switch of this service, of the tenant, or of all."""
        ...

    def tickets(self, tenant: str) -> list[Ticket]:
        """Open ones, oldest first."""
        ...

    def close_ticket(self, tenant: str, id_: int, *, by: str, at: datetime) -> bool:
        """Close it and note that in the audit; False when the tenant has no open one of this id.

        Without a tenant it may be anybody's.
        """
        ...

    def ping(self) -> None:
        """Return when the rows can be read."""
        ...
