"""Bindings and what was heard become how fresh each device is, for which likely cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from wherry_devices.deps import Deps
from wherry_devices.freshness.seen import DayRow, SeenRow
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping import telemetry
from wherry_devices.mapping.adherence import Adherence, adherence, local_days
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.expected import Expected, expected
from wherry_devices.mapping.fleet import LOOK_BACK, silent
from wherry_devices.mapping.freshness import Fresh, Seen, State, fresh
from wherry_devices.mapping.heard import Last, Told
from wherry_devices.mapping.instants import zone_of
from wherry_devices.mapping.item import AMBIGUOUS_OWNER, FUTURE_TIME

UTC_ZONE = ZoneInfo("UTC")
_EPOCH = date(1970, 1, 1).toordinal()
# The order in which one word stands for a device of many kinds: the worst that is expected
_WORST = (State.SILENT, State.LATE, State.NEVER, State.ON_TRACK, State.UNSCHEDULED)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of readings of a device; without a name the device never sent any."""

    name: str
    last: Last | None
    expected: Expected
    fresh: Fresh


@dataclass(frozen=True, slots=True)
class Device:
    """A binding that holds, and how it keeps to what is expected. `told` is by name."""

    binding: Binding
    kinds: tuple[Kind, ...]
    told: Mapping[str, Told]
    hub: Mapping[str, Told]
    fetched_at: datetime | None
    adherence: Adherence

    @property
    def worst(self) -> Kind:
        """The kind that is to be looked at first."""
        return min(self.kinds, key=lambda kind: _WORST.index(kind.fresh.state))


@dataclass(frozen=True, slots=True)
class Person:
    """A patient's devices, and on how many of the patient's days any of them measured."""

    patient: str
    zone: ZoneInfo
    zone_origin: str
    devices: tuple[Device, ...]
    adherence: Adherence


def judged(bindings: Sequence[Binding], needs: Deps) -> list[Person]:
    """The patients of these bindings, by id. Raises: Failure(UNAVAILABLE) when nobody can tell."""
    known = _known(bindings, needs)
    patients: dict[str, list[Binding]] = {}
    for one in bindings:
        patients.setdefault(one.patient, []).append(one)
    return [_person(patient, found, known, needs) for patient, found in sorted(patients.items())]


@dataclass(frozen=True, slots=True)
class _Known:
    """All that was looked up, for many devices at once."""

    now: datetime
    rows: Mapping[str, list[SeenRow]]
    told: Mapping[str, Mapping[str, Told]]
    standing: Mapping[str, Standing]
    days: Mapping[str, list[DayRow]]
    fleet: Mapping[tuple[str, str], str]


def _known(bindings: Sequence[Binding], needs: Deps) -> _Known:
    now = needs.clock.now()
    keys = list(dict.fromkeys(key for one in bindings for key in (one.key, one.unit) if key))
    rows: dict[str, list[SeenRow]] = {}
    for row in needs.seen.rows(keys):
        for key in {row.key, row.last.unit}:
            rows.setdefault(key, []).append(row)
    units = {row.last.unit for found in rows.values() for row in found}
    told = dict(needs.seen.told([*keys, *units]))
    linked = {
        said[name].value
        for said in told.values()
        for name in (telemetry.GATEWAY, telemetry.ACCOUNT)
        if name in said
    }
    told |= needs.seen.told(list(linked))
    days: dict[str, list[DayRow]] = {}
    since = now.date().toordinal() - _EPOCH - needs.day_window - needs.streak_days
    for day in needs.seen.days(list({one.patient for one in bindings}), since=since):
        days.setdefault(day.patient, []).append(day)
    sources = sorted({one.source for one in bindings})
    recent = needs.seen.recent(sources, since_s=(now - LOOK_BACK).timestamp())
    return _Known(
        now,
        rows,
        told,
        needs.standings.standing([*keys, *linked]),
        days,
        silent(((row.kind, row.last) for row in recent), now),
    )


def _person(patient: str, bindings: list[Binding], known: _Known, needs: Deps) -> Person:
    zone, origin = _zone(bindings, needs)
    rows = known.days.get(patient, [])
    devices = tuple(_device(one, rows, known, zone, needs) for one in bindings)
    return Person(patient, zone, origin, devices, _adherence(rows, zone, known.now, needs))


def _zone(bindings: Sequence[Binding], needs: Deps) -> tuple[ZoneInfo, str]:
    """Where the patient lives, and who said so: a binding, the newest first, this site, nobody."""
    named = [one.zone for one in bindings if one.zone]
    for names, origin in ((named[-1:], "binding"), ([needs.zone], "site")):
        zone = zone_of(names[0]) if names and names[0] else None
        if zone is not None:
            return zone, origin
    return UTC_ZONE, "none"


def _adherence(rows: Sequence[DayRow], zone: ZoneInfo, now: datetime, needs: Deps) -> Adherence:
    days = local_days(((row.number, row.day) for row in rows), zone)
    today = now.astimezone(zone).date()
    return adherence(days, today, window=needs.day_window, bands=needs.day_bands)


def _device(
    one: Binding, days: Sequence[DayRow], known: _Known, zone: ZoneInfo, needs: Deps
) -> Device:
    rows = known.rows.get(one.key, [])
    own = [row for row in rows if row.key == one.key and row.patient == one.patient]
    unit = one.unit or (rows[0].last.unit if rows else one.key)
    told = {**known.told.get(one.key, {}), **known.told.get(unit, {})}
    hub = known.told.get(_value(told, telemetry.GATEWAY), {})
    account = _value(told, telemetry.ACCOUNT)
    standing = known.standing.get(one.key) or known.standing.get(account)
    newest_s = max((row.last.received_s for row in own), default=0.0)
    waits = _unplaced([*rows, *known.rows.get(unit, [])])
    elsewhere = [row for row in waits if row.last.received_s > newest_s]
    about = _About(told, hub, standing, elsewhere, zone)
    kinds = [_kind(row.kind, row.last, one, about, known) for row in own]
    kinds = kinds or [_kind("", None, one, about, known)]
    mine = [row for row in days if row.key == one.key]
    fetched_at = standing.fetched_at if standing else None
    return Device(
        one, tuple(kinds), told, hub, fetched_at, _adherence(mine, zone, known.now, needs)
    )


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of a device besides its readings."""

    told: Mapping[str, Told]
    hub: Mapping[str, Told]
    standing: Standing | None
    elsewhere: Sequence[SeenRow]
    zone: ZoneInfo


def _unplaced(rows: Sequence[SeenRow]) -> list[SeenRow]:
    """Rows of nobody, but for those whose readings got an owner since."""
    placed: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.patient:
            of = (row.key, row.kind)
            placed[of] = max(placed.get(of, 0.0), row.last.measured_s)
    return [
        row
        for row in rows
        if not row.patient and row.last.measured_s > placed.get((row.key, row.kind), 0.0)
    ]


def _kind(name: str, last: Last | None, one: Binding, about: _About, known: _Known) -> Kind:
    wanted = expected(one.source, name, one.every)
    model = last.model if last else ""
    fleet = known.fleet.get((one.source, "")) or known.fleet.get((one.source, model), "")
    seen = _seen(last, about, fleet)
    found = fresh(seen, every=wanted.every, delay=wanted.delay, now=known.now, zone=about.zone)
    return Kind(name, last, wanted, found)


def _seen(last: Last | None, about: _About, fleet: str) -> Seen:
    told, hub, standing = about.told, about.hub, about.standing
    elsewhere_s = max((row.last.received_s for row in about.elsewhere), default=None)
    every = _number(hub, telemetry.EVERY)
    drift = _value(told, telemetry.DRIFT)
    return Seen(
        measured_at=_instant(last.measured_s if last else None),
        received_at=_instant(last.heard_s if last else None),
        hub_at=_at(hub, telemetry.HEARD),
        hub_every=None if every is None else timedelta(seconds=every),
        cellular_dbm=_number(hub, telemetry.CELLULAR),
        battery=_number(told, telemetry.BATTERY),
        battery_level=_value(told, telemetry.BATTERY_LEVEL),
        rssi_dbm=_number(told, telemetry.RSSI),
        drift=timedelta(seconds=float(drift)) if drift else timedelta(),
        access_refused=bool(standing and standing.access_refused),
        vendor_down=bool(standing and standing.vendor_away),
        fleet=fleet,
        doubt_at=_at(told, AMBIGUOUS_OWNER),
        elsewhere_at=_instant(elsewhere_s),
        ahead_at=_at(told, FUTURE_TIME),
    )


def _value(told: Mapping[str, Told], name: str) -> str:
    return told[name].value if name in told else ""


def _number(told: Mapping[str, Told], name: str) -> int | None:
    return round(float(told[name].value)) if name in told else None


def _at(told: Mapping[str, Told], name: str) -> datetime | None:
    return _instant(told[name].at_s) if name in told else None


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
