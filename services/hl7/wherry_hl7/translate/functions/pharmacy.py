"""What dispensing and giving are known by, whose order they are of, and what state they are in."""

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.functions.amounts import amount
from wherry_hl7.translate.functions.order_numbers import numbers, orc_of


@function("dispense_identity")
def dispense_identity(rxd: Segment, at: At) -> Identifier:
    """The order's number and the counter of its dispenses (RXD-1), with what was dispensed.

    Source: HL7 v2.5.1 §4.14.5.1.
    """
    code = token(rxd.text(2) or rxd.text(2, 2))
    value = at.draft.unique(f"{_order(rxd, at)}/{key(rxd.text(1).strip(), code)}")
    return {"system": at.scope.own("dispense"), "value": value}


@function("administration_identity")
def administration_identity(rxa: Segment, at: At) -> Identifier:
    """The order's number, both counters (RXA-1, RXA-2), what was given and when it began.

    Its time is part of it: most senders number each dose of an order 0 and 1.
    """
    code = token(rxa.text(5) or rxa.text(5, 2))
    own = key(rxa.text(1).strip(), rxa.text(2).strip(), code, rxa.text(3).strip())
    return {
        "system": at.scope.own("administration"),
        "value": at.draft.unique(f"{_order(rxa, at)}/{own}"),
    }


def _order(segment: Segment, at: At) -> str:
    named = numbers(segment, at)
    if not named:
        return key("message", at.scope.message_key)
    kind, authority, value = named[0].key
    return key(kind, value, authority)


@function("prescription")
def prescription(segment: Segment, out: Resource, at: At, to: str, many: bool = False) -> None:
    """The order that it is of: the one in this message, else the one that its number names."""
    made = at.find("MedicationRequest")
    reference: Reference | None = made.reference if made else None
    named = numbers(segment, at)
    if reference is None and named:
        number = named[0].identifier
        reference = {
            "type": "MedicationRequest",
            "identifier": number,
            "display": number["value"],
        }
    if reference is not None:
        out[to] = [reference] if many else reference


@function("dispense_status")
def dispense_status(rxd: Segment, out: Resource, at: At) -> None:
    """ORC-5, else a cancelling ORC-1, else it was done."""
    orc = orc_of(rxd, at)
    tables = at.scope.tables
    status = tables["OrderStatusDispense"].find(orc.text(5) if orc is not None else "")
    control = tables["OrderControlDispense"].find(orc.text(1)) if orc is not None else None
    if status is None:
        at.scope.unknown_code("OrderStatusDispense", "ORC-5")
    if orc is not None and not orc.text(5) and control is not None and control.to:
        out["status"] = control.to
    else:
        out["status"] = status.to if status is not None and status.to else "unknown"


@function("administration_status")
def administration_status(rxa: Segment, out: Resource, at: At) -> None:
    """Entered in error when RXA-21 deletes it, else RXA-20, else done."""
    if rxa.text(21).strip().upper() == "D":
        out["status"] = "entered-in-error"
        return
    row = at.scope.tables["AdministrationStatus"].find(rxa.text(20))
    if row is None:
        at.scope.unknown_code("AdministrationStatus", "RXA-20")
    out["status"] = row.to if row is not None and row.to else "unknown"


@function("administered_when")
def administered_when(rxa: Segment, out: Resource, at: At) -> None:
    """RXA-3 to RXA-4 as a period when both differ, else RXA-3; said to be unknown without it."""
    start, end = rxa.text(3), rxa.text(4)
    if end and start != end and (period := at.scope.period(start, end, "RXA-3", "RXA-4")):
        out["effectivePeriod"] = period
        return
    at.scope.set_date_time(out, "effectiveDateTime", start, "RXA-3")
    if "effectiveDateTime" not in out and "_effectiveDateTime" not in out:
        out["_effectiveDateTime"] = {"extension": [_UNKNOWN]}


_UNKNOWN = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}


# Where orders say how much is dispensed: amount, unit, and the amount of the first time.
# Source: HL7 v2.5.1 §4.14.1, §4.14.4
_DISPENSED = {"RXO": (11, 12, 0), "RXE": (10, 11, 39)}


@function("dispense_request")
def dispense_request(segment: Segment, out: Resource, at: At) -> None:
    """How much is to be dispensed, in all and the first time."""
    value, unit, first = _DISPENSED[segment.name]
    asked = out.setdefault("dispenseRequest", {})
    if quantity := amount(segment, value, unit, at):
        asked["quantity"] = quantity
    if first and (quantity := amount(segment, first, unit, at)):
        asked["initialFill"] = {"quantity": quantity}
    if not asked:
        del out["dispenseRequest"]


@function("dispensed_amount")
def dispensed_amount(rxd: Segment, out: Resource, at: At) -> None:
    """RXD-4 in the unit of RXD-5."""
    if quantity := amount(rxd, 4, 5, at):
        out["quantity"] = quantity
