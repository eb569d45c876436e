"""When the whole message was read: the patients and the visits of its appointment."""

from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry.hl7.segment import Segment
from wherry.resource import Entry, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.people import xcn_identity
from wherry_hl7.translate.functions.appointment_parties import agreed_as

_ENTERED_BY = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}

# What a visit is that a message of a schedule tells of. Source: HL7 v2.5.1 chapter 10
_VISIT = {"S15": "cancelled", "S16": "cancelled", "S17": "entered-in-error", "S26": "cancelled"}

# Contact of the one who asked, contact of the one who books, who entered it; phone and address.
_CONTACTS: dict[int, tuple[dict[str, Any], int, int]] = {
    12: (
        {
            "coding": [
                {"system": _PARTICIPATION, "code": "CALLBCK", "display": "callback contact"}
            ],
            "text": "placer contact",
        },
        13,
        14,
    ),
    16: (
        {
            "coding": [
                {"system": _PARTICIPATION, "code": "CALLBCK", "display": "callback contact"}
            ],
            "text": "filler contact",
        },
        17,
        18,
    ),
    20: ({"coding": [{"system": _ENTERED_BY, "code": "enterer", "display": "Enterer"}]}, 21, 0),
}


@function("appointment_contacts")
def appointment_contacts(sch: Segment, out: Resource, at: At) -> None:
    """SCH-12, SCH-16 and SCH-20: people to ask, who need not come, with how to reach them."""
    for number, (type_, phone, address) in _CONTACTS.items():
        for rep in sch[number].reps:
            actor = at.scope.convert("XCN.Practitioner", rep, at) if rep.raw else None
            if actor:
                one = {
                    "type": [type_],
                    "actor": {**actor, "type": "Practitioner"},
                    "required": "information-only",
                    "status": "accepted",
                }
                out["participant"] = [*out.get("participant", ()), one]
        _reached(sch, number, phone, address, at)


def _reached(sch: Segment, number: int, phone: int, address: int, at: At) -> None:
    """Phone and address of a contact; without a number the contact is no resource to have them."""
    rep, scope = sch[number].first, at.scope
    identifier = xcn_identity(rep, at) if rep.raw else None
    if identifier is None:
        return
    telecom = [
        point
        for one in sch[phone].reps
        if one.raw
        for point in scope.convert("XTN.ContactPoint", one, at, use="work") or ()
    ]
    found = [scope.convert("XAD.Address", one, at) for one in sch[address].reps if address]
    elements = {"telecom": telecom, "address": [one for one in found if one]}
    scope.take(sch, frozenset({phone, address}))
    if said := {name: value for name, value in elements.items() if value}:
        at.refer("Practitioner", identifier, said, ("*",))


@function("appointment_whole")
def appointment_whole(run: Any) -> None:
    """Put the patients first among those who take part; tie the visits to the appointment.

    Without anybody that is named, R4 wants one all the same: somebody unknown, who gives way to
    whoever is stored.
    """
    entries: list[Entry] = run.draft.entries
    patients = [one for one in entries if one["resource"]["resourceType"] == "Patient"]
    for entry in [one for one in entries if one["resource"]["resourceType"] == "Appointment"]:
        appointment, url = entry["resource"], entry["fullUrl"]
        present = [
            {
                "actor": {"reference": one["fullUrl"], "type": "Patient"},
                "status": agreed_as(appointment),
            }
            for one in patients
        ]
        appointment["participant"] = [*present, *appointment.get("participant", ())]
        if not appointment["participant"]:
            appointment["participant"] = [{"type": [_UNKNOWN], "status": agreed_as(appointment)}]
            run.draft.weak[url] = (*run.draft.weak.get(url, ()), "participant")
        for one in entries:
            if one["resource"]["resourceType"] == "Encounter":
                _planned(one["resource"], url, run.scope.event)


def _planned(encounter: Resource, url: str, event: str) -> None:
    """A visit that is only known from a schedule has not begun."""
    encounter["appointment"] = [{"reference": url}]
    if encounter.get("status") in ("in-progress", "unknown"):
        encounter["status"] = _VISIT.get(event, "planned")
        for stay in encounter.get("location", ()):
            if stay.get("status") == "active":
                stay["status"] = "planned"
