"""PID becomes a Patient, known by its most trusted identifier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.identity import key
from wherry.fhir.systems import MARITAL_STATUS, NULL_FLAVOR, US_SSN, v2_table
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7 import identity
from wherry_hl7.translate import people
from wherry_hl7.translate.codes import concept, token
from wherry_hl7.translate.identifiers import of_cx
from wherry_hl7.translate.scope import Scope

_MAPPED = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 16, 18, 19, 24, 25, 29, 30, 40})
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/patient-"

# Source: HL7 v2-to-FHIR, AdministrativeSex
_GENDER = {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other"}

# Source: HL7 v2-to-FHIR, MaritalStatus
_MARITAL = {
    "A": "L", "E": "L", "D": "D", "M": "M", "S": "S", "W": "W", "C": "C", "G": "T", "P": "T",
    "R": "T", "N": "A", "I": "I", "B": "U",
}  # fmt: skip
_MARITAL_NULL = {"U": "UNK", "O": "OTH"}

# What a field of `""` takes back. Source: the elements set below.
_DELETES = {
    5: ("name:official", "name:"), 6: (f"extension:{_EXTENSION}mothersMaidenName",),
    7: ("birthDate",), 8: ("gender",), 11: ("address",),
    13: ("telecom:home", "telecom:mobile", "telecom:"), 14: ("telecom:work",),
    15: ("communication",), 16: ("maritalStatus",),
    24: ("multipleBirthBoolean", "multipleBirthInteger"), 25: ("multipleBirthInteger",),
    29: ("deceasedDateTime",), 30: ("deceasedBoolean", "deceasedDateTime"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A Patient resource, the identifier it is known by, and what the message takes back."""

    resource: Resource
    prime: Identifier
    deletes: tuple[str, ...]


def person(pid: Segment, scope: Scope) -> Person:
    """Translate one PID.

    Raises: Failure(UNPROCESSABLE) at PID-3 when the patient has no identifier at all.
    Source: HL7 v2-to-FHIR, Segment PID to Patient.
    """
    scope.take(pid, _MAPPED)
    found = _identifiers(pid, scope)
    known_by = _prime(pid, found, scope)
    if known_by not in found:
        found = [known_by, *found]
    elements: dict[str, Any] = {"identifier": found}
    for numbers, set_ in _FIELDS:
        if any(map(pid.field, numbers)):
            set_(elements, pid, scope)
    deletes = [path for n, paths in _DELETES.items() if pid.field(n) == '""' for path in paths]
    return Person(scope.stamped("Patient", elements), known_by, tuple(deletes))


def _prime(pid: Segment, found: list[Identifier], scope: Scope) -> Identifier:
    """The identifier that the patient is known by: the one that the inbox keeps order by."""
    if prime := identity.prime(pid, scope=scope.facility):
        for one in found:
            if (one["system"], one["value"]) == (prime.system, prime.value):
                return one
        return Identifier(system=prime.system, value=prime.value)
    if not scope.sender.unidentified:
        raise Failure(Kind.UNPROCESSABLE, "no patient identifier", at="PID-3")
    scope.warn("PID-3", "no patient identifier; this patient is known by the message only")
    place = str(scope.message.segments.index(pid))
    return {"system": scope.own("patient-of-message"), "value": key(scope.message_key, place)}


def _identifiers(pid: Segment, scope: Scope) -> list[Identifier]:
    found = []
    for number, unnamed in ((3, "patient"), (2, "patient-external"), (4, "patient-alternate")):
        for rep in pid[number].reps:
            if one := of_cx(rep, scope, f"PID-{number}", unnamed=unnamed):
                found.append(one)
    if number_19 := pid.text(19).strip():
        digits = number_19.replace("-", "")
        us = len(digits) == 9 and digits.isdecimal()
        system = US_SSN if us else scope.own("patient-ss")
        found.append({"type": _SS, "system": system, "value": number_19})
    return [one for n, one in enumerate(found) if one not in found[:n]]


_SS: CodeableConcept = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SS"}]
}


def _names(out: Resource, pid: Segment, scope: Scope) -> None:
    found = [people.name(rep, scope, f"PID-{n}") for n in (5, 9) for rep in pid[n].reps]
    if named := [one for one in found if one]:
        out["name"] = named


def _birth(out: Resource, pid: Segment, scope: Scope) -> None:
    moment = scope.moment(pid.text(7), "PID-7")
    if moment.date:
        out["birthDate"] = moment.date
    if moment.full:
        out["_birthDate"] = {
            "extension": [{"url": _EXTENSION + "birthTime", "valueDateTime": moment.full}]
        }


def _gender(out: Resource, pid: Segment, scope: Scope) -> None:
    code = pid.text(8).strip().upper()
    if gender := _GENDER.get(code[:1] if code in _GENDER_WORDS else code):
        out["gender"] = gender
    elif code:
        scope.warn("PID-8", "not a code of table 0001; left out")


_GENDER_WORDS = frozenset({"FEMALE", "MALE", "OTHER", "UNKNOWN"})


def _addresses(out: Resource, pid: Segment, scope: Scope) -> None:
    found = [people.address(rep, scope, "PID-11") for rep in pid[11].reps]
    if given := [one for one in found if one]:
        out["address"] = given


def _telecoms(out: Resource, pid: Segment, scope: Scope) -> None:
    del scope
    found = [
        point
        for number, use in ((13, "home"), (14, "work"), (40, ""))
        for rep in pid[number].reps
        for point in people.telecoms(rep, use)
    ]
    if found:
        out["telecom"] = [point for n, point in enumerate(found) if point not in found[:n]]


def _language(out: Resource, pid: Segment, scope: Scope) -> None:
    if language := concept(pid[15].first, scope):
        out["communication"] = [{"language": language}]


def _marital(out: Resource, pid: Segment, scope: Scope) -> None:
    rep: Rep = pid[16].first
    said = concept(rep, scope, table=v2_table("0002"))
    if not said:
        return
    code = token(rep[1]).upper()
    for table, system in ((_MARITAL, MARITAL_STATUS), (_MARITAL_NULL, NULL_FLAVOR)):
        if code in table:
            said = {**said, "coding": [{"system": system, "code": table[code]}, *said["coding"]]}
    out["maritalStatus"] = said


def _birth_order(out: Resource, pid: Segment, scope: Scope) -> None:
    order, several = pid.text(25).strip(), _YES_NO.get(pid.text(24).strip().upper())
    if order.isdecimal() and order.isascii() and 0 < int(order[:9]) < 100:
        out["multipleBirthInteger"] = int(order)
    elif several is not None:
        out["multipleBirthBoolean"] = several
    elif order or pid.text(24):
        scope.warn("PID-25" if order else "PID-24", "not a birth order or yes/no; left out")


def _death(out: Resource, pid: Segment, scope: Scope) -> None:
    scope.set_date_time(out, "deceasedDateTime", pid.text(29), "PID-29")
    if "deceasedDateTime" in out:
        return
    out.pop("_deceasedDateTime", None)
    dead = _YES_NO.get(pid.text(30).strip().upper())
    if dead is not None:
        out["deceasedBoolean"] = dead
    elif pid.text(30):
        scope.warn("PID-30", "not a yes/no indicator; left out")


def _maiden(out: Resource, pid: Segment, scope: Scope) -> None:
    del scope
    if name := pid[6].first.sub(1, 1):
        extension = {"url": _EXTENSION + "mothersMaidenName", "valueString": name}
        out.setdefault("extension", []).append(extension)


# Source: HL7 table 0136
_YES_NO = {"Y": True, "N": False}

_FIELDS: tuple[tuple[tuple[int, ...], Callable[[Resource, Segment, Scope], None]], ...] = (
    ((5, 9), _names),
    ((6,), _maiden),
    ((7,), _birth),
    ((8,), _gender),
    ((11,), _addresses),
    ((13, 14, 40), _telecoms),
    ((15,), _language),
    ((16,), _marital),
    ((24, 25), _birth_order),
    ((29, 30), _death),
)
