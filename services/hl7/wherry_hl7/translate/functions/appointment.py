"""What SCH says of an appointment: which one it is, its status, its comments."""

from collections.abc import Iterator

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_ei

_NUMBERS = ((2, "FILL", "appointment-filler"), (1, "PLAC", "appointment-placer"))
_THE_ONLY_ONE = frozenset({"", "0", "1"})
_COMMENT = frozenset({1, 3, 4})
_FOR_THE_PATIENT = "PI"

# Events that say themselves what became of the appointment, whatever SCH-25 says.
# Source: HL7 v2.5.1 §10.3.4, §10.3.5, §10.3.6, §10.3.15
_DECIDED = frozenset({"S15", "S16", "S17", "S26"})


@function("appointment_identity")
def appointment_identity(sch: Segment, at: At) -> Identifier | None:
    """The number of the one who books it (SCH-2), else of the one who asked (SCH-1).

    One of a series (SCH-3) is a thing of its own.
    """
    for number, type_, unnamed in _NUMBERS:
        found = of_ei(sch[number].first, at.scope, type_=type_, default=unnamed)
        if found is None:
            continue
        occurrence = sch.text(3).strip()
        if occurrence in _THE_ONLY_ONE:
            return found
        value = key(found["system"], found["value"], occurrence)
        return {"system": at.scope.own("appointment-of-series"), "value": value}
    return None


@function("appointment_status")
def appointment_status(sch: Segment, out: Resource, at: At) -> None:
    """The event where it decides, else SCH-25, AIS-10, and again the event."""
    scope = at.scope
    by_event = scope.tables["AppointmentStatusOfEvent"].find(scope.event)
    of_event = by_event.to if by_event else ""
    said = "" if scope.event in _DECIDED else _said(sch, at)
    out["status"] = said or of_event or "proposed"
    if not said and scope.event not in _DECIDED and scope.event not in _BOOKINGS:
        at.weak.append("status")


# Events that book; those about one resource (S18 to S22) leave a known status as it is.
_BOOKINGS = frozenset({"S12", "S13", "S14"})


def _said(sch: Segment, at: At) -> str:
    table = at.scope.tables["AppointmentStatus"]
    for place, code in _codes(sch, at):
        row = table.find(code)
        if row is None:
            at.scope.unknown_code(table.name, place)
        elif row.to:
            return row.to
    return ""


def _codes(sch: Segment, at: At) -> Iterator[tuple[str, str]]:
    if code := sch.text(25).strip():
        yield "SCH-25", code
    for segment in at.group.segments():
        if segment.name == "AIS" and (code := segment.text(10).strip()):
            yield "AIS-10", code
            return


@function("appointment_notes")
def appointment_notes(sch: Segment, out: Resource, at: At) -> None:
    """The comments on it and on its services; those for the patient (NTE-4 PI) apart."""
    del sch
    texts: dict[str, list[str]] = {"comment": [], "patientInstruction": []}
    for nte in _notes(at):
        at.scope.take(nte, _COMMENT)
        for_patient = nte.text(4).strip().upper() == _FOR_THE_PATIENT
        lines = texts["patientInstruction" if for_patient else "comment"]
        lines += [text for rep in nte[3].reps if (text := rep.whole.strip())]
    for name, lines in texts.items():
        if lines:
            out[name] = "\n".join(lines)


def _notes(at: At) -> Iterator[Segment]:
    yield from at.group.all("NTE")
    for group in at.group.below("SERVICE"):
        yield from group.all("NTE")
