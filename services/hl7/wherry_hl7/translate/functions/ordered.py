"""ORC and OBR: what an order is known by, what state it is in, and what it follows from."""

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.functions.report import order_number, service_of

# What the status of the results says of an order whose ORC says nothing. Source: HL7 table 0123
_DONE = frozenset({"final", "corrected"})
_WAITING = frozenset({"preliminary", "partial", "registered"})


@function("order_identity")
def order_identity(obr: Segment, at: At) -> Identifier:
    """The placer's number, else the filler's, with what was ordered: one number may name many.

    An order without any number is known by its message, as its report is.
    """
    for number, kind in ((2, "placer"), (3, "filler")):
        rep = order_number(obr, number, at)
        if rep[1].strip():
            value = key(kind, rep[1].strip(), rep[2] or rep[3], service_of(obr))
            return {"system": at.scope.own("order"), "value": value}
    value = at.draft.unique(key("order", "message", at.scope.message_key, service_of(obr)))
    return {"system": at.scope.own("order"), "value": value}


@function("status_of_order")
def status_of_order(obr: Segment, out: Resource, at: At) -> None:
    """ORC-5, else ORC-1, else what the status of the results (OBR-25) lets one conclude."""
    orc = at.group.first("ORC")
    tables = at.scope.tables
    for name, number in (("OrderStatus", 5), ("OrderControlCode", 1)):
        code = orc.text(number).strip() if orc is not None else ""
        row = tables[name].get(code) if code else None
        if row is not None and row.to:
            out["status"] = row.to
            return
    code = obr.text(25).strip()
    row = tables["ReportStatus"].get(code) if code else None
    said = row.to if row is not None else ""
    done = "completed" if said in _DONE else "active" if said in _WAITING else "unknown"
    out["status"] = "revoked" if said == "cancelled" else done


@function("parent_order")
def parent_order(obr: Segment, out: Resource, at: At) -> None:
    """OBR-29: the order that this one follows from, by its numbers.

    Source: HL7 v2-to-FHIR, OBR-29, EIP[Identifier].
    """
    if not obr.field(29):
        return
    eip = obr[29].first
    for component, kind, default in ((1, "PLAC", "placer"), (2, "FILL", "filler")):
        if eip.component(component):
            found = of_ei(eip.part(component), at.scope, type_=kind, default=default)
            if found:
                out["basedOn"] = [{"type": "ServiceRequest", "identifier": found}]
                return
