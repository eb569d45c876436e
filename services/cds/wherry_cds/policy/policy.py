"""Policies as typed data: one for each tenant, and in it one for each service."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from wherry_cds.policy.levels import BY_WORD, Level

Hours = Annotated[float, Meta(ge=0, le=24 * 31)]
Share = Annotated[float, Meta(ge=0, le=1)]
Word = Literal["none", "info", "warning", "critical"]
Mode = Literal["active", "silent", "off"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every key is known; a misspelt one is a mistake and not left aside."""


class Repeat(_Strict, frozen=True, kw_only=True):
    """Hours after which a card of this level is shown again although nothing is new.

    Source: the defaults follow Ancker 2017 (10.1186/s12911-017-0430-8): repeats are what is
    overridden.
    """

    info: Hours = 24.0
    warning: Hours = 8.0
    critical: Hours = 2.0


class Snooze(_Strict, frozen=True, kw_only=True):
    """What an override reason silences: for how long, and for whom."""

    hours: Hours
    whom: Literal["all", "user"] = "all"
    ticket: bool = False


# Codes: CDS Hooks 3.0 ballot, override reasons. The hours are ours.
SNOOZES: Mapping[str, Snooze] = {
    "action-completed": Snooze(hours=24),
    "patient-ineligible": Snooze(hours=24),
    "wrong-time-workflow": Snooze(hours=2),
    "inappropriate-recipient": Snooze(hours=24 * 7, whom="user"),
    "need-more-info": Snooze(hours=0, ticket=True),
    "recipient-does-not-trust": Snooze(hours=12),
}


class ServicePolicy(_Strict, frozen=True, kw_only=True):
    """How one service behaves for one tenant.

    `mode`: silent computes and records and shows nothing; off is the kill switch. `least`: lower
    levels are not shown. `change`: how much a score must rise, as a share, to be news within a
    level. `hysteresis`: how far it must have fallen for a new rise to count as a first crossing.
    `most_a_day` counts the cards of a patient in 24 hours.
    `users`: resource types of the hook's userId that get cards.
    """

    mode: Mode = "active"
    least: Word = "info"
    refused: Literal["card", "nothing"] = "card"
    repeat_after_h: Repeat = Repeat()
    change: Share = 0.1
    hysteresis: Share = 0.05
    most_a_day: Annotated[int, Meta(ge=1, le=1000)] = 6
    users: tuple[str, ...] = ("Practitioner", "PractitionerRole")
    snooze: dict[str, Snooze] = msgspec.field(default_factory=dict)
    when_off: Literal["unavailable", "nothing"] = "unavailable"
    model: str = ""
    orders: bool = False

    @property
    def lowest(self) -> Level:
        """The lowest level that is shown."""
        return BY_WORD[self.least]

    def snooze_of(self, reason: str) -> Snooze | None:
        """What this override reason silences here."""
        return self.snooze.get(reason, SNOOZES.get(reason))

    def hours(self, level: Level) -> float:
        """After how many hours a card of this level comes again; NONE as info."""
        return float(getattr(self.repeat_after_h, max(level, Level.INFO).word))


class TenantPolicy(_Strict, frozen=True, kw_only=True):
    """Every service of one tenant; `default` is for those that are not named."""

    default: ServicePolicy = ServicePolicy()
    services: dict[str, ServicePolicy] = msgspec.field(default_factory=dict)

    def of(self, service: str) -> ServicePolicy:
        """The policy of this service."""
        return self.services.get(service, self.default)


class Policies(_Strict, frozen=True, kw_only=True):
    """A policy file. Tenants that are not named have `default`."""

    version: Literal[1]
    default: TenantPolicy = TenantPolicy()
    tenants: dict[str, TenantPolicy] = msgspec.field(default_factory=dict)

    def of(self, tenant: str) -> TenantPolicy:
        """The policy of this tenant."""
        return self.tenants.get(tenant, self.default)


def fingerprint(policy: ServicePolicy) -> str:
    """What audit rows call this policy: the start of the SHA-256 of all it says."""
    return sha256(msgspec.json.encode(policy, order="sorted")).hexdigest()[:12]
