"""Each way to tell the time ends as an instant with its offset and where that came from, or not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from wherry_devices.mapping import offsets
from wherry_devices.mapping.instants import (
    MINUTE,
    NOWHERE,
    Moment,
    Site,
    epoch,
    interval,
    iso,
    length,
    local,
    naive_of,
    zone_of,
)
from wherry_devices.mapping.numbers import whole
from wherry_devices.mapping.reading import Clock, OffsetOrigin

_TOLERATED = timedelta(minutes=5)
_DRIFT = timedelta(minutes=2)
_SPACED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)", re.ASCII)

Said = Mapping[str, Any]
"""What stands in a payload at each place that a template's `time` names."""


def moment(said: Said, site: Site = NOWHERE) -> Moment | None:
    """The first of a template's ways to tell the time that this payload uses; None when none is.

    With `end` in the payload, the time is an interval up to it.
    """
    for name in said:
        way = WAYS.get(name)
        if way is None or said[name] in (None, "", False):
            continue
        found = way(said, site)
        if found is None or said.get("end") in (None, ""):
            return found
        last = way({**said, name: said["end"]}, site)
        if last is None or last.at < found.at:
            return None
        return replace(found, end=last.at) if last.at > found.at else found
    return None


def _epoch_s(said: Said, _: Site) -> Moment | None:
    return _shown(epoch(said["epoch_s"], said.get("zone")), said)


def _epoch_ms(said: Said, _: Site) -> Moment | None:
    number = whole(said["epoch_ms"])
    if number is None:
        return None
    found = epoch(number // 1000, said.get("zone"))
    if found is not None:
        found = replace(found, at=found.at + timedelta(milliseconds=number % 1000))
    return _shown(found, said)


def _epoch_local_s(said: Said, _: Site) -> Moment | None:
    """Seconds to what the clock on the wall showed. Nothing is measured after it was recorded.

    When it would be, the seconds were UTC after all.
    """
    found, offset = epoch(said["epoch_local_s"], ""), offsets.of(said.get("offset"), _unit(said))
    if found is None or offset is None:
        return None
    walls = found.at.replace(tzinfo=timezone(offset))
    changed = epoch(said.get("changed_s"), "")
    if changed is not None and walls > changed.at + _TOLERATED and found.at <= changed.at:
        return Moment(
            found.at.astimezone(timezone(offset)), OffsetOrigin.SOURCE, clock=Clock.SUSPECT
        )
    return Moment(walls, OffsetOrigin.SOURCE)


def _utc(said: Said, _: Site) -> Moment | None:
    found = iso(said["utc"])
    if found is None or found.at.utcoffset():
        return found
    return _shown(Moment(found.at, OffsetOrigin.NONE), said)


def _shown(found: Moment | None, said: Said) -> Moment | None:
    """An instant in the offset that the payload names apart from it; one that is none spoils it."""
    if found is None or said.get("offset") in (None, ""):
        return found
    offset = offsets.of(said["offset"], _unit(said))
    if offset is None:
        return None
    return replace(
        found, at=found.at.astimezone(timezone(offset)), offset_origin=OffsetOrigin.SOURCE
    )


def _display(said: Said, site: Site) -> Moment | None:
    """A device's UTC, and the time that its owner saw: the offset is what lies between them.

    Source: Dexcom v3 as Tidepool reads it: to half an hour; what is left over is drift.
    """
    shown, system = naive_of(said["display"]), naive_of(said.get("system"))
    if shown is None or system is None:
        return None
    written = iso(said["display"])
    offset = written.at.utcoffset() if written else offsets.between(shown, system)
    if offset is None:
        return None
    drift = shown - offset - system
    clock = Clock.SUSPECT if abs(drift) > _DRIFT else Clock.SYNCED
    instant = system.replace(tzinfo=UTC)
    if written is None and not offset:  # either Greenwich, or a receiver that knows no zone
        return replace(
            local(said["display"], site.zone, OffsetOrigin.FACILITY, site.received_at)
            or Moment(instant, OffsetOrigin.NONE),
            clock=clock,
        )
    origin = OffsetOrigin.SOURCE if written else OffsetOrigin.DEVICE
    return Moment(instant.astimezone(timezone(offset)), origin, clock=clock)


def _device_local(said: Said, site: Site) -> Moment | None:
    """A device's local time, set right by what device and hub showed when they met.

    Source: PHD guide, CoincidentTimeStamp.
    """
    measured, device = naive_of(said["device_local"]), naive_of(said.get("device_clock"))
    hub = iso(said.get("hub_clock"))
    if measured is None:
        return None
    if device is None or hub is None:
        zone = said.get("zone") or site.zone
        return local(said["device_local"], zone, OffsetOrigin.FACILITY, site.received_at)
    behind = hub.at.replace(tzinfo=None) - device
    clock = Clock.CORRECTED if abs(behind) > timedelta(seconds=1) else Clock.SYNCED
    return Moment(hub.at - (device - measured), OffsetOrigin.DEVICE, clock=clock)


def _local(said: Said, site: Site) -> Moment | None:
    offset, naive = offsets.of(said.get("offset"), _unit(said)), naive_of(said["local"])
    if naive is not None and offset is not None:
        return Moment(naive.replace(tzinfo=timezone(offset)), OffsetOrigin.SOURCE)
    if said.get("zone"):
        return local(said["local"], said["zone"], OffsetOrigin.PROFILE, site.received_at)
    return local(said["local"], site.zone, OffsetOrigin.FACILITY, site.received_at)


def _floating(said: Said, site: Site) -> Moment | None:
    zone = said.get("zone") or site.zone
    return local(said["floating"], zone, OffsetOrigin.FLOATING, site.received_at)


def _spaced(said: Said, _: Site) -> Moment | None:
    written = _SPACED.fullmatch(str(said["spaced"]))
    known = iso("{}T{}{}:{}".format(*written.groups())) if written else None
    if known is None:
        return None
    found = known.at
    zone = said.get("zone")
    if isinstance(zone, str) and (there := zone_of(zone)):
        offset = found.astimezone(there).utcoffset()
        if offset is not None and not offset % MINUTE:
            return Moment(found.astimezone(timezone(offset)), OffsetOrigin.SOURCE)
    return Moment(found, OffsetOrigin.EXPORT)


def _interval(said: Said) -> Moment | None:
    lasts = length(said.get("lasts"), said.get("lasts_in"))
    return interval(said.get("start_iso"), said.get("end_iso"), lasts)


def _date(said: Said, site: Site) -> Moment | None:
    """A day of the person's calendar: it has no hour, and in its own zone an instant it began."""
    text = said["date"]
    if not isinstance(text, str) or len(text) != len("2026-02-01"):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    zone = zone_of(str(said.get("zone") or site.zone or "UTC")) or UTC
    began = datetime(day.year, day.month, day.day, tzinfo=zone)
    offset = began.utcoffset() or timedelta()
    return Moment(began.replace(tzinfo=timezone(offset)), OffsetOrigin.NONE, civil=True)


def _received(said: Said, _: Site) -> Moment | None:
    """When the hub got it: all that there is of a device without a clock, or with one unset."""
    found = iso(said["received"])
    clock = Clock.UNSET if said.get("unset") is True else Clock.ESTIMATED
    return replace(found, clock=clock) if found else None


def _unit(said: Said) -> str:
    return str(said.get("offset_in") or "")


WAYS: Mapping[str, Callable[[Said, Site], Moment | None]] = {
    "epoch_s": _epoch_s,
    "epoch_ms": _epoch_ms,
    "epoch_local_s": _epoch_local_s,
    "utc": _utc,
    "display": _display,
    "device_local": _device_local,
    "local": _local,
    "floating": _floating,
    "spaced": _spaced,
    "iso": lambda said, _: iso(said["iso"]),
    "start_iso": lambda said, _: _interval(said),
    "end_iso": lambda said, _: _interval(said),
    "date": _date,
    "received": _received,
}
"""Each way to tell the time by the name of its place in a template; the first that fits counts."""
