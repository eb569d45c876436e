"""A patient's Encounters become the current one: class, status, place, time."""

from collections.abc import Sequence
from dataclasses import dataclass

from wherry.resource import Resource
from wherry_ehr.chart.words import UNKNOWN, WITHDRAWN, moment

# Source: FHIR R4 EncounterStatus, the states of somebody who is here
_HERE = ("in-progress", "onleave", "triaged", "arrived")


@dataclass(frozen=True, slots=True)
class Stay:
    """Where the patient is, or was last."""

    id: str
    kind: str
    status: str
    place: str
    since: str
    until: str


def current(encounters: Sequence[Resource]) -> Stay | None:
    """The encounter that is going on, else the latest; the encounters come latest first."""
    real = [each for each in encounters if each.get("status") not in WITHDRAWN]
    running = [each for each in real if each.get("status") in _HERE]
    chosen = next(iter([*running, *real]), None)
    if chosen is None:
        return None
    class_, period = chosen.get("class", {}), chosen.get("period", {})
    return Stay(
        id=chosen["id"],
        kind=class_.get("display") or class_.get("code") or UNKNOWN,
        status=chosen.get("status", UNKNOWN),
        place=_place(chosen),
        since=moment(period.get("start")),
        until=moment(period["end"]) if "end" in period else "",
    )


def _place(encounter: Resource) -> str:
    """The location that is active, else the last one listed."""
    locations = encounter.get("location", [])
    active = [each for each in locations if each.get("status") == "active"]
    chosen: Resource = next(iter([*active, *reversed(locations)]), {})
    place = chosen.get("location", {})
    return str(place.get("display") or place.get("identifier", {}).get("value") or UNKNOWN)
