"""What a device measured, and what of a payload could not be used: the words of this service."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from wherry.resource import Issue
from wherry_devices.mapping.waves import Wave

DEVICE, ACCOUNT = "device", "account"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """One device, or one account of a person, as its source names it."""

    source: str
    kind: str
    value: str = field(repr=False)

    @property
    def opaque(self) -> str:
        """The same key every time, safe in logs and reasons, of no use for a look-up elsewhere."""
        text = "\x1f".join((self.source, self.kind, self.value))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def of(self, slot: str) -> "DeviceKey":
        """The key of one user of a device that tells its users apart; itself without one."""
        return DeviceKey(self.source, self.kind, f"{self.value}#{slot}") if slot else self


class Origin(StrEnum):
    """Who took the number down."""

    DEVICE = "device"
    MANUAL = "manual"
    DERIVED = "derived"  # worked out of other numbers by the source
    UNKNOWN = "unknown"


class OffsetOrigin(StrEnum):
    """Where a reading's offset from UTC came from."""

    SOURCE = "source"  # said with the time itself
    DEVICE = "device"  # the device's clock set right by its hub's
    PROFILE = "profile"  # the zone of the account, which need not be where the person was
    FACILITY = "facility"  # the zone of this site: the source says none
    FLOATING = "floating"  # the source writes +00:00 and means a local time; zone of this site
    EXPORT = "export"  # the offset of where the file was written, not of where it was measured
    NONE = "none"  # only the instant is known


class Clock(StrEnum):
    """How far the clock that a time was read from may be believed."""

    SYNCED = "synced"
    CORRECTED = "corrected"  # by the difference between device and hub at the transfer
    ESTIMATED = "estimated"  # the hub's time of receipt, or the source says that it guessed
    UNSET = "unset"  # the device says that nobody ever set its clock
    SUSPECT = "suspect"  # two clocks of one payload contradict each other


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that one device measured once, or why there is none.

    `kind` is a row of `vitals.VITALS`, `ucum` one of its units, `unit_raw` what the source said;
    `said` is the source's own number in that unit when `value` was converted or rounded from it.
    Without a value `absent` is a code of FHIR's data-absent-reason. `comparator` says that the
    device's scale ends at the value. `instant` is aware and in the reading's own offset; with `end`
    it is the start of an interval, with `civil` only its date was said. `record` is the source's
    name for the measurement, `version` when the source last changed it; `deleted`: it was taken
    back. `slot` is the user whom a device of many users says it measured. `status` is what the
    device said of how it went, by a name of `status.BITS`, each Y or N. A `supplement` has no
    number: it says more about a measurement, which it knows by `sequence`, else as all do. A `wave`
    is a recording in place of a number. `position` is the posture of who was measured, `index`
    which of several measurements of one device and instant it is; the first may have none.
    `amounts` are numbers that belong to the context, each with its UCUM unit.
    """

    source: str
    kind: str
    value: Decimal | None = field(repr=False)
    ucum: str
    unit_raw: str
    instant: datetime
    offset_origin: OffsetOrigin
    origin: Origin
    device: DeviceKey | None
    account: DeviceKey | None
    record: str = ""
    version: datetime | None = None
    end: datetime | None = None
    model: str = ""
    quality: tuple[str, ...] = ()
    at: str = ""
    comparator: str = ""
    absent: str = ""
    said: Decimal | None = field(default=None, repr=False)
    clock: Clock = Clock.SYNCED
    civil: bool = False
    gateway: DeviceKey | None = None
    slot: str = ""
    mdc: str = ""
    site: str = ""
    context: tuple[tuple[str, str], ...] = ()
    demo: bool = False
    deleted: bool = False
    status: tuple[tuple[str, str], ...] = ()
    sequence: str = ""
    supplement: bool = False
    position: str = ""
    index: str = ""
    amounts: tuple[tuple[str, Decimal, str], ...] = ()
    wave: Wave | None = field(default=None, repr=False)

    @property
    def owner(self) -> str:
        """The opaque key that the reading's identity is made of: the device's, else the account's.

        A reading is only made when there is one of the two.
        """
        key = self.device or self.account
        return key.opaque if key else ""

    @property
    def keys(self) -> tuple[DeviceKey, ...]:
        """What a binding may give it to a person by: a device's user is a key of its own."""
        device = self.device.of(self.slot) if self.device else None
        return tuple(key for key in (device, self.account) if key is not None)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A part of a payload that became no reading. With `aside` a person has to look at it.

    `keys` are the opaque keys of the device and the account that it came from, where they are told.
    """

    reason: str
    at: str
    detail: str = ""
    aside: bool = True
    keys: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        words = self.reason.replace("-", " ")
        return f"{words}: {self.detail} at {self.at}" if self.detail else f"{words} at {self.at}"


@dataclass(frozen=True, slots=True)
class Batch:
    """All of one payload: readings, what was withheld, fields that the template does not name."""

    readings: tuple[Reading, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unmapped: tuple[Issue, ...] = ()
