"""Who made, released and typed results: laboratories with address and director, people by role."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import PARTICIPATION, v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At

_FUNCTION = "http://hl7.org/fhir/StructureDefinition/event-performerFunction"
_DIRECTOR = {"system": v2_table("0912"), "code": "MDIR", "display": "Medical Director"}

# Source: HL7 v2-to-FHIR, Segment OBR to DiagnosticReport, OBR-34 and OBR-35
_ROLES = ((34, "SPRF", "secondary performer"), (35, "TRANS", "Transcriber"))


@function("laboratory")
def laboratory(obx: Segment, out: Resource, at: At) -> None:
    """OBX-23 with its address (OBX-24) and medical director (OBX-25), OBX-15 when it is another.

    Made once a message.
    """
    raw = (obx.field(23), obx.field(24), obx.field(25), obx.field(15))
    if not any(raw):
        return
    memory = at.scope.memory
    known: list[Reference] | None = memory.get(("laboratory", raw))
    if known is None:
        known = memory["laboratory", raw] = _once_each(_laboratory(obx, at))
    held = out.get("performer")
    if known:
        out["performer"] = list(known) if held is None else _once_each([*held, *known])


@function("report_people")
def report_people(obr: Segment, out: Resource, at: At) -> None:
    """OBR-34 technicians and OBR-35 transcriptionists as performers, each with the function."""
    found = []
    for number, code, display in _ROLES:
        coding = {"system": PARTICIPATION, "code": code, "display": display}
        role = {"url": _FUNCTION, "valueCodeableConcept": {"coding": [coding]}}
        for rep in obr[number].reps if obr.field(number) else ():
            if rep.raw and (who := at.scope.convert("NDL.Practitioner", rep, at)):
                found.append({**who, "extension": [role]})
    if found:
        out["performer"] = [*out.get("performer", ()), *found]


def _once_each(references: list[Reference]) -> list[Reference]:
    found: list[Reference] = []
    for one in references:
        if one not in found:
            found.append(one)
    return found


def _laboratory(obx: Segment, at: At) -> list[Reference]:
    scope = at.scope
    organization: Reference | None = None
    if obx.field(23):
        organization = scope.convert("XON.Organization", obx[23].first, at)
    if organization and obx.field(24):
        _addressed(organization, obx, at)
    director: Reference | None = None
    if obx.field(25):
        director = scope.convert("XCN.Practitioner", obx[25].first, at)
    found = [organization] if organization else []
    if director:
        found.append(_directing(director, organization, at) if organization else director)
    producer: Reference | None = None
    if obx.field(15):
        producer = scope.convert("CWE.Organization", obx[15].first, at)
    if producer and producer.get("reference", "") not in [one.get("reference") for one in found]:
        found.append(producer)
    return found


def _addressed(organization: Reference, obx: Segment, at: At) -> None:
    made = at.draft.at(organization.get("reference", ""))
    address = at.scope.convert("XAD.Address", obx[24].first, at)
    if made is not None and address:
        if address.get("use") == "home":  # no address of an organization is one (R4 org-2)
            del address["use"]
        held: list[Any] = made.resource.setdefault("address", [])
        if address not in held:
            held.append(address)


def _directing(who: Reference, where: Reference, at: At) -> Reference:
    """The director as a role of a person at that laboratory."""
    ends = [_name(who, at), _name(where, at)]
    if not all(ends):
        return who
    identifier = {"system": at.scope.own("role"), "value": key("MDIR", *ends)}
    role = {"practitioner": who, "organization": where, "code": [{"coding": [_DIRECTOR]}]}
    made = at.refer("PractitionerRole", identifier, role, ("*",))  # type: ignore[arg-type]
    return {**made, **({"display": who["display"]} if "display" in who else {})}


def _name(reference: Reference, at: At) -> str:
    made = at.draft.at(reference.get("reference", ""))
    return made.key if made is not None else ""
