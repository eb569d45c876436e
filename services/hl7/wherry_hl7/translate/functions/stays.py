"""The places in PV1 and PV2 become the history of where the patient was, is and will be."""

from wherry.fhir.visit import CLOSED, NOTHING_PENDING, TEMPORARY, UNDO
from wherry.hl7.segment import Segment
from wherry.resource import Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.provenance import happened

# Events whose own time is when the patient came to PV1-3, and when he left PV1-6.
_MOVES = frozenset({"A01", "A02", "A04", "A10", "A17"})
_LEAVES = frozenset({"A02", "A09", "A10", "A17"})
# Events that move the patient only when they name the place before, as PV1-6.
_MAY_MOVE = frozenset({"A06", "A07"})
# Events that take the last move back. Source: HL7 v2.5.1 §3.3.12, §3.3.32, §3.3.33
_UNDONE = frozenset({"A12", "A32", "A33"})
_PENDING_UNDONE = frozenset({"A26"})

# What a place is in a visit of this status; while it goes on the patient is there.
_STATE = {**dict.fromkeys(CLOSED, "completed"), "planned": "planned"}
_FOR_A_WHILE = [{"url": TEMPORARY, "valueCodeableConcept": {"text": "temporary"}}]


@function("visit_locations")
def visit_locations(pv1: Segment, out: Resource, at: At) -> None:
    """PV1-3, -6, -11, -42, -43 and PV2-1 by their meaning in this event, with its time if it moved.

    Source: HL7 v2-to-FHIR, PV1 to Encounter.location; HL7 v2.5.1 §3.4.3.
    """
    event = at.scope.event
    _take_back(event, at)
    stays = [
        *_before(pv1, event, at),
        *_present(pv1, out["status"], event, at),
        *_short(pv1, out["status"], event, at),
    ]
    if event not in _PENDING_UNDONE and (later := _location(pv1, 42, at)):
        stays.append(_stay(later, "reserved", {}))
    if stays:
        out["location"] = stays
    _bed_status(pv1, at)


def _take_back(event: str, at: At) -> None:
    pv2 = at.near("PV2")
    if event in _PENDING_UNDONE or (pv2 is not None and pv2.text(1)):
        at.deletes.append(NOTHING_PENDING)
    if event in _UNDONE:
        at.deletes.append(UNDO)


def _before(pv1: Segment, event: str, at: At) -> list[Resource]:
    """Where the patient was; not what a cancelled move would have made of it."""
    before = _location(pv1, 6, at) if event not in _UNDONE else None
    if before is None:
        return []
    moved = event in _LEAVES or event in _MAY_MOVE
    ended = at.scope.period("", happened(at.near("EVN")) if moved else "", "EVN-2")
    return [_stay(before, "completed", ended)]


def _present(pv1: Segment, status: str, event: str, at: At) -> list[Resource]:
    now = _location(pv1, 3, at)
    if now is None:
        return []
    period = _discharged(pv1, at) if status == "finished" else _since(pv1, event, at)
    return [_stay(now, _STATE.get(status, "active"), period)]


def _discharged(pv1: Segment, at: At) -> Resource:
    said = pv1.text(45)
    return at.scope.period("", said or happened(at.near("EVN")), "PV1-45" if said else "EVN-2")


def _since(pv1: Segment, event: str, at: At) -> Resource:
    admitted = pv1.text(44) if event == "A01" else ""
    moved = event in _MOVES or (event in _MAY_MOVE and bool(pv1.text(6)))
    start = admitted or (happened(at.near("EVN")) if moved else "")
    return at.scope.period(start, "", "PV1-44" if admitted else "EVN-2")


def _short(pv1: Segment, status: str, event: str, at: At) -> list[Resource]:
    """Places for a while, as an operating room: where the patient was and is."""
    now = "completed" if status in CLOSED else "active"
    return [
        {**_stay(place, state, {}), "extension": _FOR_A_WHILE}
        for number, state in ((43, "completed"), (11, now))
        if not (event in _UNDONE and number == 43) and (place := _location(pv1, number, at))
    ]


def _bed_status(pv1: Segment, at: At) -> None:
    """PV1-40, said of the bed or room in PV1-3. Source: HL7 v2-to-FHIR, BedStatus."""
    said, rep = pv1.text(40).strip(), pv1[3].first
    where = _location(pv1, 3, at) if said and (rep[2] or rep[3]) else None
    made = at.draft.at(where.get("reference", "")) if where else None
    if made is None:
        return
    table = at.scope.tables["BedStatus"]
    if row := table.find(said):
        coding = {"system": row.system, "code": row.to, "display": row.display}
        made.resource["operationalStatus"] = coding
    else:
        at.scope.unknown_code(table.name, "PV1-40")


def _location(pv1: Segment, number: int, at: At) -> Reference | None:
    rep = pv1[number].first
    if not rep.raw:
        return None
    found: Reference | None = at.scope.convert("PL.Location", rep, at)
    return found


def _stay(where: Reference, status: str, period: Resource) -> Resource:
    stay: Resource = {"location": where, "status": status}
    if period:
        stay["period"] = period
    return stay
