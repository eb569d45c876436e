"""What a device measured, and what of a payload could not be used: the words of this service."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from wherry.resource import Issue

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


class Origin(StrEnum):
    """Who took the number down."""

    DEVICE = "device"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class OffsetOrigin(StrEnum):
    """Where a reading's offset from UTC came from."""

    SOURCE = "source"  # said with the time itself
    PROFILE = "profile"  # the zone of the account, which need not be where the person was
    NONE = "none"  # only the instant is known


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that one device measured once.

    `kind` is a row of `vitals.VITALS`, `ucum` one of its units, `unit_raw` what the source said.
    `instant` is aware and in the reading's own offset; with `end` it is the start of an interval.
    `record` is the source's name for the measurement, `version` when the source last changed it.
    """

    source: str
    kind: str
    value: Decimal = field(repr=False)
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

    @property
    def owner(self) -> str:
        """The opaque key that the reading's identity is made of: the device's, else the account's.

        A reading is only made when there is one of the two.
        """
        key = self.device or self.account
        return key.opaque if key else ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A part of a payload that became no reading. With `aside` a person has to look at it."""

    reason: str
    at: str
    detail: str = ""
    aside: bool = True

    def __str__(self) -> str:
        words = self.reason.replace("-", " ")
        return f"{words}: {self.detail} at {self.at}" if self.detail else f"{words} at {self.at}"


@dataclass(frozen=True, slots=True)
class Batch:
    """All of one payload: readings, what was withheld, fields that the template does not name."""

    readings: tuple[Reading, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unmapped: tuple[Issue, ...] = ()
