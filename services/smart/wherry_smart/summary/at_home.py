"""Readings of devices at home become rows: the newest of each kind and source, and its course."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wherry.fhir.home import Kind, Reading, home
from wherry.resource import Resource
from wherry_smart.summary.sources import Sources
from wherry_smart.summary.words import age_s, unit

Json = Mapping[str, Any]


def at_home(observations: Sequence[Resource], sources: Sources, *, now: datetime) -> list[Json]:
    """One row for each kind of reading, unit and source, in the order of a bedside chart."""
    return [_row(kind, sources, now) for kind in home(observations)]


def _row(kind: Kind, sources: Sources, now: datetime) -> Json:
    newest, before, course = kind.newest, kind.before, kind.course
    low, high = kind.ends
    return {
        "name": kind.name,
        "label": kind.label,
        "unit": unit(kind.quantity),
        "from": kind.source,
        **_told(newest, now),
        "status": str(newest.observation.get("status", "")),
        "observation": f"Observation/{newest.observation.get('id', '')}",
        "source": sources.number(newest.observation),
        "earlier": [{"mark": mark, "count": n} for mark, n in kind.earlier.items()],
        "before": _told(before, now) if before else None,
        "count": len(course),
        "low": low,
        "high": high,
        "points": [{"at": one.at, "value": str(one.number)} for one in course],
    }


def _told(reading: Reading, now: datetime) -> Json:
    """One reading: its digits with comparator, or the code of why there are none."""
    return {
        "at": reading.at,
        "age_s": age_s(reading.at, now),
        "value": reading.text,
        "absent": reading.absent,
        "marks": list(reading.marks),
    }
