"""What an OBR says of its report and of every result below it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.functions.category import of_section
from wherry_hl7.translate.functions.monitor import is_monitor_order
from wherry_hl7.translate.scope import Scope


@dataclass(frozen=True, slots=True)
class Order:
    """What an OBR says of every result below it: status, section, when taken and when released."""

    status: str = ""
    category: list[CodeableConcept] = field(default_factory=list)
    taken: Mapping[str, Any] = field(default_factory=dict)
    issued: str = ""


NOTHING_ORDERED = Order()


def order_of(at: At) -> Order:
    """What the OBR in sight says, read once."""
    obr = at.near("OBR")
    if obr is None:
        return NOTHING_ORDERED
    known: Order | None = at.scope.memory.get(("order", id(obr)))
    if known is None:
        known = at.scope.memory["order", id(obr)] = _order(obr, at.scope)
    return known


@function("report_identity")
def report_identity(obr: Segment, at: At) -> Identifier:
    """What the report is known by: filler or placer number and service, else its message.

    Never a status, time or value: a correction has to find it. Of a monitor's reports, which have
    no number that stays, only the time tells one from the next.
    """
    if is_monitor_order(obr, at):
        named = f"{order_key(obr, at)}/{key(obr.text(7))}"
    else:
        named = order_key(obr, at)
    value = at.draft.unique(f"report:{named}").partition(":")[2]
    return {"system": at.scope.own("report"), "value": value}


def order_key(obr: Segment, at: At) -> str:
    """Filler or placer number with its authority and what was ordered; else the message."""
    scope = at.scope
    service = service_of(obr)
    for number, kind in ((3, "filler"), (2, "placer")):
        rep = order_number(obr, number, at)
        if rep[1].strip():
            return key(kind, rep[1].strip(), rep[2] or rep[3], service)
    scope.warn("OBR-3", "no filler or placer number; these results are known by their message only")
    return key("message", scope.message_key, service)


def service_of(obr: Segment) -> str:
    """What was ordered, as a part of a key: the first code or text of OBR-4."""
    return token(obr.text(4) or obr.text(4, 2) or obr.text(4, 4) or obr.text(4, 5))


def order_number(obr: Segment, number: int, at: At) -> Rep:
    """OBR-2 or OBR-3, else the same of the order's own ORC."""
    orc = at.group.first("ORC")
    if orc is not None and not obr.field(number):
        return orc[number].first
    return obr[number].first


@function("report_status")
def report_status(obr: Segment, out: Resource, at: At) -> None:
    """OBR-25; `unknown` when it is empty or no status."""
    out["status"] = order_of(at).status
    code = obr.text(25).strip()
    if code and at.scope.tables["ReportStatus"].get(code) is None:
        at.scope.warn("OBR-25", "no status of table 0123 that FHIR has a word for")


@function("report_time")
def report_time(obr: Segment, out: Resource, at: At) -> None:
    """OBR-7 to OBR-8 as a period when both differ, else OBR-7."""
    start, end = obr.text(7), obr.text(8)
    if end and start != end and (period := at.scope.period(start, end, "OBR-7", "OBR-8")):
        out["effectivePeriod"] = period
    else:
        out.update(order_of(at).taken)


@function("report_issued")
def report_issued(obr: Segment, out: Resource, at: At) -> None:
    """OBR-22 as an instant."""
    del obr
    if issued := order_of(at).issued:
        out["issued"] = issued


def _order(obr: Segment, scope: Scope) -> Order:
    taken: Resource = {}
    if raw := obr.text(7):
        scope.set_date_time(taken, "effectiveDateTime", raw, "OBR-7")
    code = obr.text(25).strip()
    row = scope.tables["ReportStatus"].get(code) if code else None
    status = row.to if row is not None and row.to else "unknown"
    section = token(obr.text(24)).upper()
    category = of_section(section, scope.tables["ObservationCategory"])
    return Order(status, category, taken, _issued(obr, scope))


def _issued(obr: Segment, scope: Scope) -> str:
    """OBR-22 as an instant, which needs a time and a zone; nothing is made up for it."""
    raw = obr.text(22)
    moment = scope.moment(raw, "OBR-22")
    if raw and not moment.full and not moment.remark:
        scope.warn("OBR-22", "a date without a time is no instant; left out")
    return moment.full
