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
    whom: Literal["all", "role", "user"] = "all"
    ticket: bool = False


# Codes: CDS Hooks 3.0 ballot, override reasons. The hours are ours.
SNOOZES: Mapping[str, Snooze] = {
    "action-completed": Snooze(hours=24),
    "patient-ineligible": Snooze(hours=24),
    "wrong-time-workflow": Snooze(hours=2),
    "inappropriate-recipient": Snooze(hours=24 * 7, whom="role"),
    "need-more-info": Snooze(hours=0, ticket=True),
    "recipient-does-not-trust": Snooze(hours=12),
}


class ServicePolicy(_Strict, frozen=True, kw_only=True):
    """How one service behaves for one tenant.

    `mode`: silent computes and records and shows nothing; off is the kill switch. `least`: lower
    levels are not shown. `change`: how much a score must rise, as a share, to be news within a
    level. `hysteresis`: how far it must have fallen for a new rise to count as a first crossing.
    `most_a_day` counts the cards of a stay in 24 hours. `new_stay_shows`: a new encounter sees its
    card again. `users`: resource types of the hook's userId that get cards. `model`: what is asked
    in place of the service's own. `not_validated` names a model that the site takes on although
    nobody validated it elsewhere. `suggestions`: names of the drafts that urgent cards offer.
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
    not_validated: str = ""
    new_stay_shows: bool = True
    suggestions: Annotated[tuple[str, ...], Meta(max_length=2)] = ()
    enabled: bool = True

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


_ROLES = {
    "Practitioner": "clinician",
    "PractitionerRole": "clinician",
    "Patient": "patient",
    "RelatedPerson": "related",
}
OFF_BY_DEFAULT = frozenset({"order-risk"})
_OFF = ServicePolicy(enabled=False)


class TenantPolicy(_Strict, frozen=True, kw_only=True):
    """Every service of one tenant; `default` is for those that are not named.

    `roles`: role class by user reference or its type. `units`: name of a unit by the Location of
    the encounter. `covers`: services that a snooze of this one silences too, because its card holds
    theirs.
    """

    default: ServicePolicy = ServicePolicy()
    services: dict[str, ServicePolicy] = msgspec.field(default_factory=dict)
    roles: dict[str, str] = msgspec.field(default_factory=dict)
    units: dict[str, str] = msgspec.field(default_factory=dict)
    covers: dict[str, tuple[str, ...]] = msgspec.field(
        default_factory=lambda: {"deterioration": ("early-warning",)}
    )

    def of(self, service: str) -> ServicePolicy:
        """The policy of this service; some are off until they are named."""
        otherwise = _OFF if service in OFF_BY_DEFAULT else self.default
        return self.services.get(service, otherwise)

    def role_of(self, user: str) -> str:
        """The class of this user's role; what no user caused is the system's."""
        kind = user.partition("/")[0]
        return self.roles.get(user) or self.roles.get(kind) or _ROLES.get(kind, "system")

    def covering(self, service: str) -> tuple[str, ...]:
        """The services whose snoozes hold for this one too."""
        return (service, *(by for by, held in self.covers.items() if service in held))


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
