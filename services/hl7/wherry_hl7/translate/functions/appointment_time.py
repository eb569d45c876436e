"""When an appointment is: from SCH, TQ1 or its resources, start and end always together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.durations import legacy_span, moved, span
from wherry_hl7.translate.scope import Scope

_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}

# Which fields of a resource's segment are start, offset and its unit, duration and its unit.
# Source: HL7 v2.5.1 §10.6.4 to §10.6.7
TIMED = {"AIS": 4, "AIG": 8, "AIL": 6, "AIP": 6}

# Source: FHIR R4 Appointment, app-3
_WITHOUT_TIME = frozenset({"proposed", "cancelled", "waitlist"})


@dataclass(frozen=True, slots=True)
class Slot:
    """What one place of the message says: instants as FHIR has them, a duration, a day alone."""

    start: str = ""
    end: str = ""
    lasts: timedelta | None = None
    day: str = ""


@function("appointment_time")
def appointment_time(sch: Segment, out: Resource, at: At) -> None:
    """Start and end from the first place that says when; what one of them lacks is computed.

    A time that a status wants and nobody says is marked as unknown (app-2, app-3), never made up.
    """
    own = Slot(lasts=span(sch.text(9), sch.text(10) or sch.text(10, 2), "SCH-9", at.scope))
    said = [own, *(slot for read in _PLACES for slot in read(sch, at))]
    lasts = next((slot.lasts for slot in said if slot.lasts), None)
    start, end = _both(next((slot for slot in said if slot.start or slot.end), own), lasts, at)
    if minutes := _minutes(lasts, at):
        out["minutesDuration"] = minutes
    out.update({name: text for name, text in (("start", start), ("end", end)) if text})
    if not start and not end and (day := next((slot.day for slot in said if slot.day), "")):
        out["requestedPeriod"] = [{"start": day}]
    _mark(out, at)


def slot_of(segment: Segment, begins: str, scope: Scope) -> Slot:
    """When an AIS, AIG, AIL or AIP is needed; `begins` is what its offset counts from."""
    first = TIMED[segment.name]
    name = segment.name
    start, day = _instant(segment.text(first), f"{name}-{first}", scope)
    after = span(segment.text(first + 1), segment.text(first + 2), f"{name}-{first + 1}", scope)
    if not start and after is not None and begins:
        start = moved(begins, after)
    lasts = span(segment.text(first + 3), segment.text(first + 4), f"{name}-{first + 3}", scope)
    return Slot(start, moved(start, lasts) if start and lasts else "", lasts, day)


def _of_tq1(sch: Segment, at: At) -> Iterator[Slot]:
    del sch
    for tq1 in at.group.all("TQ1"):
        at.scope.take(tq1, frozenset({1, 6, 7, 8, 9}))
        duration = tq1[6].first
        lasts = span(duration[1], duration.sub(2, 1), "TQ1-6", at.scope)
        yield _between(tq1.text(7), tq1.text(8), "TQ1-7", lasts, at.scope)


def _of_sch(sch: Segment, at: At) -> Iterator[Slot]:
    for rep in sch[11].reps:
        yield _between(rep[4], rep[5], "SCH-11", legacy_span(rep[3], at.scope), at.scope)


def _of_resources(sch: Segment, at: At) -> Iterator[Slot]:
    """From the start of the first service to the end of the last; else of what else is needed."""
    del sch
    timed = [one for one in at.group.segments() if one.name in TIMED]
    for names in (("AIS",), ("AIP", "AIL", "AIG")):
        slots = [slot_of(one, "", at.scope) for one in timed if one.name in names]
        starts = sorted((slot.start for slot in slots if slot.start), key=datetime.fromisoformat)
        ends = sorted((slot.end for slot in slots if slot.end), key=datetime.fromisoformat)
        if starts:
            lasts = slots[0].lasts if len(slots) == 1 else None
            yield Slot(starts[0], ends[-1] if ends else "", lasts)
            return
        yield from (Slot(lasts=one.lasts, day=one.day) for one in slots[:1] if len(slots) == 1)


_PLACES: tuple[Callable[[Segment, At], Iterator[Slot]], ...] = (_of_tq1, _of_sch, _of_resources)


def _between(start: str, end: str, place: str, lasts: timedelta | None, scope: Scope) -> Slot:
    first, day = _instant(start, place, scope)
    return Slot(first, _instant(end, place, scope)[0], lasts, day)


def _instant(raw: str, place: str, scope: Scope) -> tuple[str, str]:
    moment = scope.moment(raw, place)
    if moment.date and not moment.full and not moment.remark:
        scope.warn(place, "a date without a time is no start of an appointment")
    return moment.full, moment.date


def _both(slot: Slot, lasts: timedelta | None, at: At) -> tuple[str, str]:
    """Start and end, the one that is missing from the other and the duration."""
    start, end, lasts = slot.start, slot.end, slot.lasts or lasts
    if start and end and datetime.fromisoformat(end) < datetime.fromisoformat(start):
        at.scope.warn("SCH-11", "the appointment ends before it starts; its end was left out")
        end = ""
    if start and not end and lasts:
        end = moved(start, lasts)
    elif start and end and _differ(start, end, lasts):
        at.scope.warn("SCH-11", "start, end and duration do not agree; each kept as it was sent")
    if end and not start and lasts:
        start = moved(end, -lasts)
    return start, end


def _differ(start: str, end: str, lasts: timedelta | None) -> bool:
    between = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return lasts is not None and between != lasts


def _minutes(lasts: timedelta | None, at: At) -> int:
    """A duration that was said, in whole minutes."""
    minutes, rest = divmod(lasts.total_seconds(), 60) if lasts else (0, 0)
    if rest:
        at.scope.warn("SCH-9", "not a whole number of minutes; minutesDuration was left out")
    return 0 if rest else int(minutes)


def _mark(out: Resource, at: At) -> None:
    """Start and end are both there, or neither. Source: FHIR R4 Appointment, app-2 and app-3."""
    there = [name for name in ("start", "end") if name in out]
    if len(there) == 2 or (not there and out["status"] in _WITHOUT_TIME):
        return
    at.scope.warn("SCH-11", "start or end of the appointment is not said")
    for name in ("start", "end"):
        if name not in out:
            out["_" + name] = _UNKNOWN
            if there:
                at.deletes.append(name)
            else:
                at.weak.append(name)
