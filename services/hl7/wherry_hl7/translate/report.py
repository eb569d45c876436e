"""OBR becomes a DiagnosticReport, known by its filler (or placer) number and what was ordered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import DATA_ABSENT_REASON, DIAGNOSTIC_SECTION, NOTE
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.translate import people
from wherry_hl7.translate.codes import coded, token
from wherry_hl7.translate.identifiers import of_ei
from wherry_hl7.translate.scope import Scope

_MAPPED = frozenset({1, 2, 3, 4, 7, 8, 22, 24, 25, 32})
_ORC_MAPPED = frozenset({1, 2, 3})

# Source: HL7 v2-to-FHIR, ResultStatus[Non-Queries], its blanks decided: I, O and S are registered,
# R and A partial; Y and Z name no status.
_STATUS = {
    "F": "final", "C": "corrected", "P": "preliminary", "X": "cancelled",
    "I": "registered", "O": "registered", "S": "registered", "R": "partial", "A": "partial",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What an OBR says of every result below it: section, status, when taken and when released."""

    section: str = ""
    status: str = ""
    taken: Mapping[str, Any] = field(default_factory=dict)
    issued: str = ""


UNKNOWN_CODE = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


def report_key(obr: Segment, orc: Segment | None, scope: Scope) -> str:
    """What the report is known by: filler or placer number and service, else its message.

    Never a status, time or value: a correction has to find it.
    """
    service = token(obr.text(4) or obr.text(4, 2) or obr.text(4, 4) or obr.text(4, 5))
    for number, kind in ((3, "filler"), (2, "placer")):
        rep = _order_number(obr, orc, number)
        if rep[1].strip():
            return key(kind, rep[1].strip(), rep[2] or rep[3], service)
    scope.warn("OBR-3", "no filler or placer number; these results are known by their message only")
    return key("message", scope.message_key, service)


def order(obr: Segment, scope: Scope) -> Order:
    """Read once what all results of an OBR share."""
    taken: Resource = {}
    if raw := obr.text(7):
        scope.set_date_time(taken, "effectiveDateTime", raw, "OBR-7")
    return Order(token(obr.text(24)).upper(), _status(obr, scope), taken, _issued(obr, scope))


def report(
    obr: Segment,
    orc: Segment | None,
    *,
    order: Order,
    identifier: Identifier,
    subject: Reference | None,
    encounter: Reference | None,
    results: list[Reference],
    note: Resource | None,
    scope: Scope,
) -> Resource:
    """Translate one OBR. Source: HL7 v2-to-FHIR, Segment OBR to DiagnosticReport."""
    scope.take(obr, _MAPPED)
    if orc is not None:
        scope.take(orc, _ORC_MAPPED)
    elements: dict[str, Any] = {
        "identifier": [identifier, *_order_numbers(obr, orc, scope)],
        "status": order.status,
        "code": coded(obr, 4, scope) or UNKNOWN_CODE,
    }
    if subject:
        elements["subject"] = subject
    if encounter:
        elements["encounter"] = encounter
    if section := coded(obr, 24, scope, table=DIAGNOSTIC_SECTION):
        elements["category"] = [section]
    _say_when(elements, obr, order, scope)
    if reader := _interpreter(obr[32].first, scope):
        elements["resultsInterpreter"] = [reader]
    if results:
        elements["result"] = results
    if note:
        elements["extension"] = [{"url": NOTE, "valueAnnotation": note}]
    return scope.stamped("DiagnosticReport", elements)


def _order_number(obr: Segment, orc: Segment | None, number: int) -> Rep:
    if orc is not None and not obr.field(number):
        return orc[number].first
    return obr[number].first


def _order_numbers(obr: Segment, orc: Segment | None, scope: Scope) -> list[Identifier]:
    found = (
        of_ei(_order_number(obr, orc, 2), scope, type_="PLAC", default="placer"),
        of_ei(_order_number(obr, orc, 3), scope, type_="FILL", default="filler"),
    )
    return [one for one in found if one]


def _status(obr: Segment, scope: Scope) -> str:
    code = obr.text(25).strip().upper()
    if code and code not in _STATUS:
        scope.warn("OBR-25", "no status of table 0123 that FHIR has a word for")
    return _STATUS.get(code, "unknown")


def _issued(obr: Segment, scope: Scope) -> str:
    """OBR-22 as an instant, which needs a time and a zone; nothing is made up for it."""
    raw = obr.text(22)
    moment = scope.moment(raw, "OBR-22")
    if raw and not moment.full and not moment.remark:
        scope.warn("OBR-22", "a date without a time is no instant; left out")
    return moment.full


def _say_when(out: Resource, obr: Segment, order: Order, scope: Scope) -> None:
    start, end = obr.text(7), obr.text(8)
    if end and start != end and (period := scope.period(start, end, "OBR-7")):
        out["effectivePeriod"] = period
    else:
        out.update(order.taken)
    if order.issued:
        out["issued"] = order.issued


def _interpreter(rep: Rep, scope: Scope) -> Reference | None:
    """OBR-32 is an NDL, whose name (CNN) sits in the subcomponents of its first component."""
    if rep.subs(1) < 2:
        return people.practitioner(rep, scope)
    number, family, given = rep.sub(1, 1).strip(), rep.sub(1, 2), rep.sub(1, 3)
    out: Reference = {"type": "Practitioner"}
    if number:
        out["identifier"] = {"system": scope.own("practitioner"), "value": number}
    if name := " ".join(filter(None, (rep.sub(1, 6), given, family, rep.sub(1, 5)))):
        out["display"] = name
    return out if len(out) > 1 else None
