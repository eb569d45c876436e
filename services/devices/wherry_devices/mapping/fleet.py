"""Many devices of one source or model that fell silent at once: not each of their people did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wherry_devices.mapping.expected import expected
from wherry_devices.mapping.freshness import Seen, State, fresh
from wherry_devices.mapping.heard import Last

LOOK_BACK = timedelta(days=14)
_FEWEST, _ALIVE = 5, timedelta(days=1)
_ON_TIME = frozenset({State.ON_TRACK, State.UNSCHEDULED})

Group = tuple[str, str]
"""A source, and a model of it; the whole source with an empty one."""


@dataclass(slots=True)
class _Unit:
    received_s: float
    late: bool


def silent(rows: Iterable[tuple[str, Last]], now: datetime) -> Mapping[Group, str]:
    """The groups of which nine in ten are late, and at least five, with the figures in words.

    `rows` are kinds and last readings of all patients' devices. Only devices count that were heard
    within a day of, or twice as long as they are expected before, the newest one of their group:
    who stopped before has another cause.
    """
    groups: dict[Group, dict[str, _Unit]] = {}
    lengths: dict[Group, timedelta] = {}
    for kind, last in rows:
        wanted = expected(last.source, kind)
        if wanted.every is None:
            continue
        seen = Seen(measured_at=datetime.fromtimestamp(last.measured_s, UTC))
        found = fresh(seen, every=wanted.every, delay=wanted.delay, now=now)
        for group in dict.fromkeys(((last.source, ""), (last.source, last.model))):
            lengths[group] = max(lengths.get(group, _ALIVE), 2 * wanted.every)
            unit = groups.setdefault(group, {}).setdefault(last.unit, _Unit(0.0, True))
            unit.received_s = max(unit.received_s, last.received_s)
            unit.late = unit.late and found.state not in _ON_TIME
    return {
        group: words
        for group, units in groups.items()
        if (words := _words(group, list(units.values()), lengths[group]))
    }


def _words(group: Group, units: list[_Unit], length: timedelta) -> str:
    newest_s = max(unit.received_s for unit in units)
    alive = [unit for unit in units if newest_s - unit.received_s <= length.total_seconds()]
    late = sum(unit.late for unit in alive)
    if len(alive) < _FEWEST or late * 10 < len(alive) * 9:
        return ""
    return f"{late} of {len(alive)} devices of {' '.join(filter(None, group))}"
