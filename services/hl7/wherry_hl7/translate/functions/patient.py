"""What a PID says that a line of a map cannot: who the patient is known as, birth order, death."""

from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.identity import key
from wherry.fhir.systems import US_SSN
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Identifier
from wherry_hl7 import identity
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_cx

_SS: CodeableConcept = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SS"}]
}

# Source: HL7 table 0136
_YES_NO = {"Y": True, "N": False}


@function("patient_identity")
def patient_identity(pid: Segment, at: At) -> Identifier:
    """The identifier that the patient is known by: the one that the inbox keeps order by.

    Raises: Failure(UNPROCESSABLE) at PID-3 when the patient has no identifier at all.
    """
    scope = at.scope
    if prime := identity.prime(pid, naming=scope.naming):
        for number, unnamed in ((3, "patient"), (2, "patient-external"), (4, "patient-alternate")):
            for rep in pid[number].reps:
                one = of_cx(rep, scope, f"PID-{number}", unnamed=unnamed)
                if one and (one["system"], one["value"]) == (prime.system, prime.value):
                    return one
        return Identifier(system=prime.system, value=prime.value)
    if not scope.sender.unidentified:
        raise Failure(Kind.UNPROCESSABLE, "no patient identifier", at="PID-3")
    scope.warn("PID-3", "no patient identifier; this patient is known by the message only")
    place = str(scope.message.segments.index(pid))
    return {"system": scope.own("patient-of-message"), "value": key(scope.message_key, place)}


@function("social_security")
def social_security(pid: Segment, out: dict[str, Any], at: At) -> None:
    """PID-19, a number of the US when it has nine digits."""
    number = pid.text(19).strip()
    if not number:
        return
    digits = number.replace("-", "")
    us = len(digits) == 9 and digits.isdecimal()
    made = {"type": _SS, "system": US_SSN if us else at.scope.own("patient-ss"), "value": number}
    if made not in out["identifier"]:
        out["identifier"] = [*out["identifier"], made]


@converter("FN.surname")
def surname(rep: Rep, at: At) -> str:
    """The family name of an XPN, as a text."""
    del at
    return rep.sub(1, 1)


@function("is_back")
def is_back(pid: Segment, out: dict[str, Any], at: At) -> None:
    """Somebody who is here is no deleted person any more (A29)."""
    del pid, out
    at.deletes.append("active")


_SEVERAL, _DEAD = frozenset({24}), frozenset({30})


@function("birth_order")
def birth_order(pid: Segment, out: dict[str, Any], at: At) -> None:
    """PID-25 as a number, else PID-24 as yes or no."""
    if pid.field(24) == '""' or pid.field(25) == '""':
        if pid.field(24) == '""':
            at.deletes.append("multipleBirthBoolean")
        at.deletes.append("multipleBirthInteger")
    order, several = pid.text(25).strip(), _YES_NO.get(pid.text(24).strip().upper())
    if order.isdecimal() and order.isascii() and 0 < int(order[:9]) < 100:
        out["multipleBirthInteger"] = int(order)
        return
    at.scope.take(pid, _SEVERAL)
    if several is not None:
        out["multipleBirthBoolean"] = several
    elif order or pid.text(24):
        at.scope.warn("PID-25" if order else "PID-24", "not a birth order or yes/no; left out")


@function("death")
def death(pid: Segment, out: dict[str, Any], at: At) -> None:
    """PID-29 as the time of death, else PID-30 as yes or no."""
    if pid.field(30) == '""':
        at.deletes.append("deceasedBoolean")
    if pid.field(29) == '""' or pid.field(30) == '""':
        at.deletes.append("deceasedDateTime")
    at.scope.set_date_time(out, "deceasedDateTime", pid.text(29), "PID-29")
    if "deceasedDateTime" in out:
        return
    out.pop("_deceasedDateTime", None)
    at.scope.take(pid, _DEAD)
    dead = _YES_NO.get(pid.text(30).strip().upper())
    if dead is not None:
        out["deceasedBoolean"] = dead
    elif pid.text(30):
        at.scope.warn("PID-30", "not a yes/no indicator; left out")
