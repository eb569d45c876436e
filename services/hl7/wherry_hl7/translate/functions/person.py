"""What PID, PD1 and PDA say of a person that a line of a map cannot."""

from typing import Any, cast

from wherry.fhir.identity import key
from wherry.fhir.systems import IDENTIFIER_TYPE
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.engine import Run
from wherry_hl7.translate.functions.extensions import extended

_BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_BIRTH_ADDRESSES = frozenset({"BDL", "N"})  # table 0190: where the person was born
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_RESTRICTED = {"system": _CONFIDENTIALITY, "code": "R", "display": "restricted"}


@converter("XAD.Residence")
def residence(rep: Rep, at: At) -> Resource | None:
    """An address of the patient, unless it is where the patient was born (see birth_place)."""
    if rep[7].strip() in _BIRTH_ADDRESSES:
        return None
    return cast("Resource | None", at.scope.convert("XAD.Address", rep, at))


@function("driver_license")
def driver_license(pid: Segment, out: Resource, at: At) -> None:
    """PID-20, a licence number under the state or country that gave it."""
    if not pid.field(20):
        return
    rep = pid[20].first
    number = rep[1].strip()
    if not number:
        return
    of = [rep[2].strip()] if rep[2].strip() else []
    made: dict[str, Any] = {
        "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "DL"}]},
        "system": at.scope.own("drivers-license", *of),
        "value": number,
    }
    if end := at.scope.moment(rep[3], "PID-20").date:
        made["period"] = {"end": end}
    out["identifier"] = [*out["identifier"], made]


@function("county")
def county(pid: Segment, out: Resource, at: At) -> None:
    """PID-12 as the district of the only address, which has none; else as an address of its own.

    Source: HL7 v2-to-FHIR, Segment PID to Patient, PID-12.
    """
    del at
    code = pid.text(12).strip()
    addresses = out.get("address", [])
    if not code or any(one.get("district") == code for one in addresses):
        return
    if len(addresses) == 1 and "district" not in addresses[0]:
        out["address"] = [{**addresses[0], "district": code}]
    else:
        out["address"] = [*addresses, {"district": code}]


@function("birth_place")
def birth_place(pid: Segment, out: Resource, at: At) -> None:
    """PID-23, or the address in PID-11 that is the place of birth, or both as one."""
    if pid.field(23) == '""':
        at.deletes.append(f"extension:{_BIRTH_PLACE}")
    place: Resource = {}
    for rep in pid[11].reps:
        if rep[7].strip() in _BIRTH_ADDRESSES and (
            said := at.scope.convert("XAD.Address", rep, at)
        ):
            place = {name: value for name, value in said.items() if name != "_use"}
            break
    if text := pid.text(23).strip():
        place["text"] = text
    if place:
        extended(out, {"url": _BIRTH_PLACE, "valueAddress": place})


@function("account_identity")
def account_identity(pid: Segment, at: At) -> Identifier | None:
    """The patient account number (PID-18)."""
    return of_cx(pid[18].first, at.scope, "PID-18", unnamed="account", type_="AN")


@function("mother_identity")
def mother_identity(pid: Segment, at: At) -> Identifier | None:
    """The mother of this patient by her number (PID-21)."""
    found = of_cx(pid[21].first, at.scope, "PID-21")
    child = at.find("Patient")
    if found is None or child is None:
        return None
    value = f"{child.key}/{key('mother', found['system'], found['value'])}"
    return {"system": at.scope.own("related-person"), "value": value}


@function("died")
def died(pda: Segment, out: Resource, at: At) -> None:
    """That the patient is dead, where PID said nothing of it."""
    del pda, at
    if "deceasedDateTime" not in out and "deceasedBoolean" not in out:
        out["deceasedBoolean"] = True


@function("protected")
def protected(pd1: Segment, out: Resource, at: At) -> None:
    """PD1-12: the record of a protected patient is restricted. Source: HL7 v2.5.1 §3.4.10.12."""
    if pd1.text(12).strip().upper() == "Y":
        at.scope.take(pd1, frozenset({12}))
        labelled(out, _RESTRICTED, at)


@function("security_label")
def security_label(arv: Segment, out: Resource, at: At) -> None:
    """ARV-3 (access restriction) as a security label."""
    rep = arv[3].first
    found = next(
        (row for name in ("AccessRestriction", "Confidentiality")
         if (row := at.scope.tables[name].get(rep[1])) is not None), None
    )  # fmt: skip
    if found is None:
        at.scope.unknown_code("AccessRestriction", "ARV-3")
    elif found.to:
        coding = {"system": found.system, "code": found.to, "display": found.display}
        labelled(out, {name: value for name, value in coding.items() if value}, at)


def labelled(out: Resource, label: dict[str, str], at: At) -> None:
    """Put a security label on a resource, once."""
    meta = out.get("meta", at.scope.meta)
    held = meta.get("security", [])
    if label not in held:
        out["meta"] = {**meta, "security": [*held, label]}


@function("birth_sex")
def birth_sex(run: Run) -> None:
    """A result 76689-9 (sex assigned at birth) as US Core says it of the patient.

    Source: US Core 3.1.1, us-core-birthsex. PID-8 is another thing: the sex of administration.
    """
    for segment in run.scope.message.segments:
        if segment.name == "OBX" and "76689-9" in segment.raw and segment.text(3) == "76689-9":
            row = run.scope.tables["BirthSex"].get(segment.text(5) or segment.text(5, 2))
            patients = [e["resource"] for e in run.draft.entries if _is_patient(e["resource"])]
            if row is not None and row.to and len(patients) == 1:
                extended(patients[0], {"url": _BIRTH_SEX, "valueCode": row.to})


def _is_patient(resource: Resource) -> bool:
    return bool(resource["resourceType"] == "Patient")
