"""Readings of devices at home become the rows of a chart: one for each kind and source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wherry.fhir.home import Kind, Reading, home
from wherry.resource import Resource
from wherry_ehr.chart.words import age, moment, no_value, quantity

WIDTH, HEIGHT = 160, 32
_EDGE = 3
_FEW = 2
"""A line needs so many points."""
_APART = timedelta(minutes=20)
"""Neighbours of a sensor that are further apart have a gap between them."""
_DENSE = 24
_HOUR = 60

# Tags of the device service, in words. Source: services/devices/README.md
_MARKS: Mapping[str, str] = {
    "manual": "typed in by hand",
    "derived": "computed, not measured",
    "demo": "test data",
    "backfill": "came late",
    "duplicate": "told by another source too",
    "suspect": "doubtful value",
    "assumed-offset": "time zone assumed",
    "no-offset": "time zone not known",
    "ambiguous-time": "time happened twice that day",
    "clock-corrected": "device clock set right",
    "clock-estimated": "time estimated",
    "clock-unset": "device clock never set",
    "clock-suspect": "device clock doubtful",
    "cuff-loose": "cuff was loose",
    "low-perfusion": "little pulse at the sensor",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One kind from one source: the newest value, and the course of the others."""

    label: str
    value: str
    before: str
    source: str
    marks: tuple[str, ...]
    earlier: str
    time: str
    age: str
    lines: tuple[str, ...]
    course: str


def rows(observations: Sequence[Resource], *, now: datetime) -> list[Row]:
    """One row for each kind and source, in the order of a bedside chart."""
    return [_row(kind, now) for kind in home(observations)]


def _row(kind: Kind, now: datetime) -> Row:
    newest, before = kind.newest, kind.before
    status = str(newest.observation.get("status", ""))
    earlier = [f"{_word(mark)} ({count})" for mark, count in kind.earlier.items()]
    return Row(
        label=kind.label,
        value=_value(kind, newest),
        before=f"before: {_value(kind, before)}, {age(before.at, now)}" if before else "",
        source=kind.source,
        marks=(*map(_word, newest.marks), *([] if status == "final" else [status])),
        earlier=f"earlier: {', '.join(earlier)}" if earlier else "",
        time=moment(newest.at),
        age=age(newest.at, now),
        lines=_lines(kind.course),
        course=_course(kind),
    )


def _word(mark: str) -> str:
    return _MARKS.get(mark, mark.replace("-", " "))


def _value(kind: Kind, reading: Reading) -> str:
    if reading.absent:
        return no_value(reading.absent)
    return quantity({**kind.quantity, "comparator": "", "value": reading.text})


def _course(kind: Kind) -> str:
    """How many numbers there are, between which, over which time."""
    course = kind.course
    if len(course) < _FEW:
        return ""
    low, high = kind.ends
    highest = quantity({**kind.quantity, "comparator": "", "value": high})
    between = highest if low == high else f"{low} to {highest}"
    first, last = course[0].moment, course[-1].moment
    minutes = round((last - first).total_seconds() / 60) if first and last else 0
    span = f"{minutes} min" if minutes < _HOUR else f"{round(minutes / 60)} h"
    return f"{len(course)} values, {between}, in {span}"


def _lines(course: Sequence[Reading]) -> tuple[str, ...]:
    """The points of SVG polylines; a new one begins after a gap."""
    placed = [
        (one.moment.timestamp(), float(one.number))
        for one in course
        if one.moment is not None and one.number is not None
    ]
    if len(placed) < _FEW:
        return ()
    times, numbers = zip(*placed, strict=True)
    apart_s = _APART.total_seconds() if len(placed) > _DENSE else float("inf")
    runs: list[list[str]] = [[]]
    for at, (time, number) in enumerate(placed):
        if at and time - placed[at - 1][0] > apart_s:
            runs.append([])
        x = _between(time, min(times), max(times), WIDTH)
        y = HEIGHT - _between(number, min(numbers), max(numbers), HEIGHT)
        runs[-1].append(f"{x:.1f},{y:.1f}")
    return tuple(" ".join(run) for run in runs)


def _between(value: float, low: float, high: float, size: int) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return _EDGE + share * (size - 2 * _EDGE)
