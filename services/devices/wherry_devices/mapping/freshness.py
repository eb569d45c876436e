"""How old the last reading of a device is, against what is expected, and what may be the cause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum


class State(StrEnum):
    """How a device keeps to its schedule."""

    ON_TRACK = "on-track"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"
    UNSCHEDULED = "unscheduled"  # nobody expects a reading at any time


class Cause(StrEnum):
    """The layer that most likely holds readings back."""

    NONE = ""
    CONSENT = "consent"
    CLOUD = "cloud"
    HUB = "hub"
    CELLULAR = "cellular"
    SENSOR = "sensor"
    OWNER = "owner"
    CLOCK = "clock"
    DELAY = "delay"
    UNKNOWN = "unknown"


ADVICE: Mapping[Cause, str] = {
    Cause.NONE: "",
    Cause.CONSENT: "the person has to give access again",
    Cause.CLOUD: "the vendor or its devices are away for many; wait, and ask nobody",
    Cause.HUB: "see that the hub has power and a network",
    Cause.CELLULAR: "the hub's mobile network was weak when it was heard last; move the hub",
    Cause.SENSOR: "see to the battery, the distance and the pairing of the sensor",
    Cause.OWNER: "its readings wait for an owner: say whose they are",
    Cause.CLOCK: "set the clock of the device",
    Cause.DELAY: "readings come in bursts: see that the phone or hub sends them at once",
    Cause.UNKNOWN: "ask whether it was used",
}


class Outreach(StrEnum):
    """Who is to be asked."""

    NOBODY = "nobody"
    PATIENT = "patient"
    STAFF = "staff"


OUTREACH: Mapping[Cause, Outreach] = {
    Cause.NONE: Outreach.NOBODY,
    Cause.CONSENT: Outreach.PATIENT,
    Cause.CLOUD: Outreach.NOBODY,
    Cause.HUB: Outreach.PATIENT,
    Cause.CELLULAR: Outreach.PATIENT,
    Cause.SENSOR: Outreach.PATIENT,
    Cause.OWNER: Outreach.STAFF,
    Cause.CLOCK: Outreach.STAFF,
    Cause.DELAY: Outreach.STAFF,
    Cause.UNKNOWN: Outreach.PATIENT,
}

_DAY = timedelta(days=1)
# Proposals: research on remote monitoring names 15 %, -90 dBm, two minutes, six hours
_LOW_BATTERY, _WEAK_DBM, _WEAK_CELLULAR_DBM = 15, -90, -100
_DRIFT, _BURST = timedelta(minutes=2), timedelta(hours=6)
_MISSES, _SILENT, _GRACE = 2, 4, 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one device or account: times of its last reading, and of what carries it.

    None is what nobody told. `received_at` is when the last reading came. `fleet` says in words
    that many devices like this one fell silent. `doubt_at`, `elsewhere_at` and `ahead_at` are when
    readings came last of which the owner is doubtful, that are another user's or nobody's, and of a
    time to come.
    """

    measured_at: datetime | None = None
    received_at: datetime | None = None
    hub_at: datetime | None = None
    hub_every: timedelta | None = None
    cellular_dbm: int | None = None
    battery: int | None = None
    battery_level: str = ""
    rssi_dbm: int | None = None
    drift: timedelta = timedelta()
    access_refused: bool = False
    vendor_down: bool = False
    fleet: str = ""
    doubt_at: datetime | None = None
    elsewhere_at: datetime | None = None
    ahead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a cause: the name of what was told, its value, and when."""

    cause: Cause
    what: str
    value: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """The age of the last reading, the state it makes, the likely cause, what it rests on."""

    age: timedelta | None
    state: State
    cause: Cause
    evidence: tuple[Evidence, ...] = ()


def fresh(
    seen: Seen,
    *,
    every: timedelta | None,
    now: datetime,
    delay: timedelta = timedelta(),
    zone: tzinfo = UTC,
) -> Fresh:
    """Judge one device that should say something `every` so long, and may be `delay` late.

    Whole days are those of `zone`, 23 or 25 hours long ones included; a quarter of `every` is no
    matter. With None for `every` only a device that never said anything is judged.
    """
    found = tuple(_evidence(seen, now))
    cause = found[0].cause if found else Cause.UNKNOWN
    if seen.measured_at is None:
        return Fresh(None, State.NEVER, cause, found)
    age = now - seen.measured_at
    if every is None:
        return Fresh(age, State.UNSCHEDULED, Cause.NONE)
    if now <= _due(seen.measured_at, every, zone) + every / _GRACE + delay:
        return Fresh(age, State.ON_TRACK, Cause.NONE)
    silent = now > _due(seen.measured_at, _SILENT * every, zone) + delay
    return Fresh(age, State.SILENT if silent else State.LATE, cause, found)


def _due(last: datetime, every: timedelta, zone: tzinfo) -> datetime:
    """So long after the last one, by the clock on the wall for whole days."""
    days = every // _DAY
    return (last.astimezone(zone) + days * _DAY).astimezone(UTC) + (every - days * _DAY)


def _evidence(seen: Seen, now: datetime) -> Iterator[Evidence]:
    """What shows a fault, layer by layer, from the person's consent down to the sensor's clock."""
    if seen.access_refused:
        yield Evidence(Cause.CONSENT, "access-refused", "")
    if seen.vendor_down:
        yield Evidence(Cause.CLOUD, "vendor-away", "")
    if seen.fleet:
        yield Evidence(Cause.CLOUD, "many-silent", seen.fleet)
    yield from _of_hub(seen, now)
    last = seen.received_at
    for what, at in (("doubtful-owner", seen.doubt_at), ("not-this-patient", seen.elsewhere_at)):
        if at is not None and (last is None or at > last):
            yield Evidence(Cause.OWNER, what, "", at)
    yield from _of_sensor(seen)
    if abs(seen.drift) > _DRIFT:
        yield Evidence(Cause.CLOCK, "drift-seconds", f"{seen.drift.total_seconds():g}")
    if seen.ahead_at is not None and (last is None or seen.ahead_at > last):
        yield Evidence(Cause.CLOCK, "time-to-come", "", seen.ahead_at)
    if last is not None and seen.measured_at is not None and last - seen.measured_at > _BURST:
        lag_s = (last - seen.measured_at).total_seconds()
        yield Evidence(Cause.DELAY, "lag-seconds", f"{lag_s:.0f}", last)


def _of_hub(seen: Seen, now: datetime) -> Iterator[Evidence]:
    if (
        seen.hub_at is None
        or seen.hub_every is None
        or now - seen.hub_at <= _MISSES * seen.hub_every
    ):
        return
    every_s = f"{seen.hub_every.total_seconds():.0f}"
    if seen.cellular_dbm is not None and seen.cellular_dbm < _WEAK_CELLULAR_DBM:
        yield Evidence(Cause.CELLULAR, "cellular-dbm", str(seen.cellular_dbm), seen.hub_at)
    yield Evidence(Cause.HUB, "heartbeat-every-seconds", every_s, seen.hub_at)


def _of_sensor(seen: Seen) -> Iterator[Evidence]:
    if seen.battery is not None and seen.battery < _LOW_BATTERY:
        yield Evidence(Cause.SENSOR, "battery-percent", str(seen.battery))
    if seen.battery_level == "low":
        yield Evidence(Cause.SENSOR, "battery-level", seen.battery_level)
    if seen.rssi_dbm is not None and seen.rssi_dbm < _WEAK_DBM:
        yield Evidence(Cause.SENSOR, "rssi-dbm", str(seen.rssi_dbm))
