"""TQ1, and TQ in ORC-7, OBR-27 and RXE-1, become schedules: when, how often, how much, how long."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.converters.numbers import number
from wherry_hl7.translate.functions.belongings import of_order
from wherry_hl7.translate.functions.order_numbers import orc_of
from wherry_hl7.translate.repeat import Repeat, ending, lasting, repeat_of
from wherry_hl7.translate.times import time_of_day

_TQ1_MAPPED = frozenset({1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14})
_LEGACY = {"OBR": 27, "RXE": 1}
_PATTERNS = "RepeatPattern"


def _nothing() -> CodeableConcept:
    return {}


@dataclass(slots=True)
class Schedule:
    """One TQ1 or TQ. `bounds` is its start and end, which are in the timing as well."""

    repeat: Repeat = field(default_factory=dict)
    code: CodeableConcept = field(default_factory=_nothing)
    bounds: Resource = field(default_factory=dict)
    quantity: dict[str, Any] = field(default_factory=dict)
    as_needed: bool = False
    priority: str = ""
    condition: str = ""
    instruction: str = ""

    @property
    def timing(self) -> Resource:
        """The FHIR Timing; empty when nothing is said of when."""
        repeat = dict(self.repeat)
        if self.bounds:
            lasts = repeat.pop("boundsDuration", {})
            repeat["boundsPeriod"] = ending(self.bounds, lasts)
        out: Resource = {"repeat": repeat} if repeat else {}
        return {**out, "code": self.code} if self.code else out

    @property
    def repeats(self) -> bool:
        """Whether it says more than from when to when, or once at one time."""
        said = {name for name in self.repeat if name != "boundsDuration"}
        once = self.repeat.get("count") == 1 and said == {"count"} and "start" in self.bounds
        return bool(self.code or said or "boundsDuration" in self.repeat) and not once


def schedules(segment: Segment, at: At) -> list[Schedule]:
    """All schedules of an order: its TQ1, else its own or its ORC's TQ."""
    known: list[Schedule] | None = at.scope.memory.get(("schedules", id(segment)))
    if known is None:
        known = [_of_tq1(one, at) for one in of_order("TQ1", segment, at)] or _legacy(segment, at)
        at.scope.memory["schedules", id(segment)] = known
    return known


def _legacy(segment: Segment, at: At) -> list[Schedule]:
    orc = orc_of(segment, at)
    places = [(segment, _LEGACY.get(segment.name, 0)), *([(orc, 7)] if orc is not None else [])]
    for one, place in places:
        if place and one.field(place):
            at.scope.take(one, frozenset({place}))
            return [_of_tq(rep, at) for rep in one[place].reps if rep.raw]
    return []


def _of_tq1(tq1: Segment, at: At) -> Schedule:
    """Source: HL7 v2.5.1 §4.5.4; HL7 v2-to-FHIR, TQ1 to ServiceRequest and MedicationRequest."""
    at.scope.take(tq1, _TQ1_MAPPED)
    made = Schedule(
        priority=tq1.text(9), condition=tq1[10].first.whole, instruction=tq1[11].first.whole
    )
    patterns = [rep for rep in tq1[3].reps if rep.raw]
    _patterns(made, [(rep[1] or rep[2], rep.part(1)) for rep in patterns], at)
    for rep in patterns:
        _every(made, rep, at)
    _times_of_day(made, [rep.whole for rep in tq1[4].reps], at, "TQ1-4")
    if duration := _duration(tq1[6].first, at):
        made.repeat.setdefault("boundsDuration", duration)
    _occurrence(made, tq1[13].first, tq1.text(14), at)
    made.bounds = at.scope.period(tq1.text(7), tq1.text(8), "TQ1-7", "TQ1-8")
    if amount := _quantity(tq1[2].first, at):
        made.quantity = amount
    return made


def _of_tq(rep: Rep, at: At) -> Schedule:
    """Source: HL7 v2.5.1 §4.3.1 to §4.3.12."""
    made = Schedule(priority=rep[6], condition=rep.text_of(7), instruction=rep.text_of(8))
    if rep.component(2):
        interval = rep.part(2)
        _patterns(made, [(interval[1], interval)], at)
        _times_of_day(made, interval[2].replace(" ", ",").split(","), at, rep.at)
    if rep[3] and rep[3].strip().upper() != "INDEF":
        said = lasting(rep[3])
        if not said:
            at.scope.warn(rep.at, "a duration that cannot be read; left out")
        for name, value in said.items():
            made.repeat.setdefault(name, value)
    _occurrence(made, rep.part(11), rep[12], at)
    made.bounds = at.scope.period(rep[4], rep[5], rep.at)
    if rep.component(1) and (amount := _quantity(rep.part(1), at)):
        made.quantity = amount
    return made


def _patterns(made: Schedule, patterns: list[tuple[str, Rep]], at: At) -> None:
    """All patterns together where they can be; else their text alone."""
    said = [text for text, _ in patterns if text.strip()]
    if not said:
        return
    repeat: Repeat = {}
    for text in said:
        one, as_needed = repeat_of(text)
        made.as_needed = made.as_needed or as_needed
        if (not one and not as_needed) or not one.keys().isdisjoint(repeat):
            at.scope.warn(patterns[0][1].at, "a repeat pattern that has no Timing; kept as text")
            repeat = {}
            break
        repeat |= one
    made.repeat.update(repeat)
    made.code = _code(patterns, at) if len(said) == 1 else {"text": ", ".join(said)}


def _code(patterns: list[tuple[str, Rep]], at: At) -> CodeableConcept:
    text, rep = patterns[0]
    own = concept(rep, at.scope) if rep.at.startswith("TQ1") else {}
    row = at.scope.tables[_PATTERNS].get(text)
    codings = [one for one in own.get("coding", ()) if "system" in one]
    if row is not None and row.to:
        codings.insert(0, {"system": row.system, "code": row.to, "display": row.display})
    out: CodeableConcept = {"text": own.get("text") or text.strip()}
    return {"coding": codings, **out} if codings else out


def _every(made: Schedule, rep: Rep, at: At) -> None:
    """RPT-5 and 6, the period; RPT-8 to 10, the event: where the pattern's code does not say."""
    unit = at.scope.tables["DurationUnit"].get(rep[6]) if rep[6] else None
    if "period" not in made.repeat and rep[5].isdecimal() and unit is not None and unit.to:
        made.repeat |= {"frequency": 1, "period": Decimal(rep[5]), "periodUnit": unit.to}
    event = at.scope.tables["EventRelatedPeriod"].get(rep[8]) if rep[8] else None
    if event is not None and event.to and "when" not in made.repeat:
        made.repeat["when"] = [event.to]
        offset = at.scope.tables["DurationUnit"].get(rep[10]) if rep[10] else None
        minutes = _MINUTES.get(offset.to) if offset is not None else None
        if rep[9].isdecimal() and minutes:
            made.repeat["offset"] = int(rep[9]) * minutes


_MINUTES = {"min": 1, "h": 60, "d": 1440}


def _times_of_day(made: Schedule, texts: list[str], at: At, place: str) -> None:
    """Explicit times; R4 has them in place of events of the day. Source: FHIR R4 tim-10."""
    found = []
    for text in texts:
        if text.strip():
            time = time_of_day(text.strip())
            if time:
                found.append(time)
            else:
                at.scope.warn(place, "not a time of day; left out")
    if found:
        made.repeat.pop("when", None)
        made.repeat["timeOfDay"] = found


def _occurrence(made: Schedule, lasts: Rep, times: str, at: At) -> None:
    """How long each one lasts, and how many there are in all."""
    if duration := _duration(lasts, at):
        made.repeat |= {"duration": duration["value"], "durationUnit": duration["code"]}
    if times.strip():
        if times.strip().isdecimal() and int(times):
            made.repeat.setdefault("count", int(times))
        else:
            at.scope.warn(lasts.at, "not a number of times; left out")


def _quantity(rep: Rep, at: At) -> dict[str, Any]:
    if not rep.raw:
        return {}
    found: dict[str, Any] = at.scope.convert("CQ.Quantity", rep, at) or {}
    return found


def _duration(rep: Rep, at: At) -> dict[str, Any]:
    """A CQ whose unit is one of time, as HL7 and as schedules call it."""
    if not rep.raw:
        return {}
    found, unit = number(rep[1]), rep.part(2)
    row = at.scope.tables["DurationUnit"].get(unit[1] or unit[2])
    if found is None or "comparator" in found or row is None or not row.to:
        at.scope.warn(rep.at, "no amount of time; left out")
        return {}
    return {**found, "unit": row.to, "system": row.system, "code": row.to}


@function("order_when")
def order_when(segment: Segment, out: Resource, at: At) -> None:
    """When it is to be done: by its first schedule, else OBR-6, else OBR-36.

    How often is a Timing; a start and an end alone are a period, a start alone a time.
    """
    found = schedules(segment, at)
    if len(found) > 1:
        at.scope.warn("TQ1", "several schedules; ServiceRequest has room for one")
    if found:
        _of_schedule(found[0], out, at)
    for place in (6, 36) if segment.name == "OBR" else ():
        if (raw := segment.text(place)) and not any(name in out for name in _WHEN):
            at.scope.set_date_time(out, "occurrenceDateTime", raw, f"OBR-{place}")


_WHEN = ("occurrenceDateTime", "_occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")


def _of_schedule(one: Schedule, out: Resource, at: At) -> None:
    if one.repeats:
        out["occurrenceTiming"] = one.timing
    elif "end" in one.bounds:
        out["occurrencePeriod"] = one.bounds
    else:
        starts = {name: one.bounds[name] for name in ("start", "_start") if name in one.bounds}
        for name, value in starts.items():
            out[name.replace("start", "occurrenceDateTime")] = value
    if one.condition and one.as_needed:
        out["asNeededCodeableConcept"] = {"text": one.condition}
    elif one.as_needed:
        out["asNeededBoolean"] = True
    if one.quantity:
        out["quantityQuantity"] = one.quantity
    texts = [one.instruction, *([one.condition] if not one.as_needed else [])]
    notes = [{"text": text} for text in texts if text.strip()]
    if notes:
        out["note"] = [*out.get("note", ()), *notes]
    del at


@function("order_priority")
def order_priority(segment: Segment, out: Resource, at: At) -> None:
    """TQ1-9, else TQ-6 of OBR-27, RXE-1 or ORC-7, else OBR-5."""
    said = next((one.priority for one in schedules(segment, at) if one.priority), "")
    said = said or (segment.text(5) if segment.name == "OBR" else "")
    if not said.strip():
        return
    row = at.scope.tables["Priority"].find(said)
    if row is None:
        at.scope.unknown_code("Priority", "TQ1-9")
    elif row.to:
        out["priority"] = row.to
