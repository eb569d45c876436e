"""How old the last reading of a device is, against what is expected, and what may be the cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """How a device keeps to its schedule."""

    ON_TRACK = "on-track"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"


class Cause(StrEnum):
    """The layer that most likely holds readings back."""

    NONE = ""
    CONSENT = "consent"
    CLOUD = "cloud"
    HUB = "hub"
    SENSOR = "sensor"
    CLOCK = "clock"
    DELAY = "delay"
    UNKNOWN = "unknown"


ADVICE: Mapping[Cause, str] = {
    Cause.NONE: "",
    Cause.CONSENT: "the person has to give access again",
    Cause.CLOUD: "the vendor is away for many; wait, and ask nobody",
    Cause.HUB: "see that the hub has power and a network",
    Cause.SENSOR: "see to the battery, the distance and the pairing of the sensor",
    Cause.CLOCK: "set the clock of the device",
    Cause.DELAY: "readings are kept on the way and come in bursts",
    Cause.UNKNOWN: "ask whether it was used",
}
_LOW_BATTERY, _WEAK_DBM = 15, -90
_DRIFT, _BURST = timedelta(minutes=2), timedelta(hours=6)
_MISSES, _SILENT = 2, 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one device or account: times of its last reading, and of what carries it."""

    measured_at: datetime | None = None
    received_at: datetime | None = None
    hub_at: datetime | None = None
    hub_every: timedelta | None = None
    battery: int | None = None
    rssi_dbm: int | None = None
    drift: timedelta = timedelta()
    access_refused: bool = False
    vendor_down: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """The age of the last reading, the state it makes, and the likely cause."""

    age: timedelta | None
    state: State
    cause: Cause


def fresh(seen: Seen, *, every: timedelta, now: datetime) -> Fresh:
    """Judge one device that should say something `every` so long."""
    if seen.measured_at is None:
        return Fresh(None, State.NEVER, _cause(seen, now) or Cause.UNKNOWN)
    age = now - seen.measured_at
    if age <= every:
        return Fresh(age, State.ON_TRACK, Cause.NONE)
    state = State.SILENT if age > _SILENT * every else State.LATE
    return Fresh(age, state, _cause(seen, now) or Cause.UNKNOWN)


def _cause(seen: Seen, now: datetime) -> Cause:
    """The first layer, from the person's consent down to the sensor, that shows a fault."""
    quiet = (
        seen.hub_at is not None
        and seen.hub_every is not None
        and now - seen.hub_at > _MISSES * seen.hub_every
    )
    weak = (seen.battery is not None and seen.battery < _LOW_BATTERY) or (
        seen.rssi_dbm is not None and seen.rssi_dbm < _WEAK_DBM
    )
    delayed = (
        seen.received_at is not None
        and seen.measured_at is not None
        and seen.received_at - seen.measured_at > _BURST
    )
    layers = (
        (seen.access_refused, Cause.CONSENT),
        (seen.vendor_down, Cause.CLOUD),
        (quiet, Cause.HUB),
        (weak, Cause.SENSOR),
        (abs(seen.drift) > _DRIFT, Cause.CLOCK),
        (delayed, Cause.DELAY),
    )
    return next((cause for true, cause in layers if true), Cause.NONE)
