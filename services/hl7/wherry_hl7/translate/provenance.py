"""MSH and EVN become one Provenance: who sent which message about what, and when."""

from typing import Any

from wherry.fhir.systems import PROVENANCE_AGENT, v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Reference, Resource
from wherry_hl7.translate.at import At
from wherry_hl7.translate.scope import Scope

# Used to read, route and answer the message, or said in the Provenance
_MSH_MAPPED = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 17, 18})
_EVN_MAPPED = {True: frozenset({1, 5, 6}), False: frozenset({1, 2, 5})}  # whether EVN-6 tells


def happened(evn: Segment | None) -> str:
    """When the event took place, as it was sent: EVN-6, else EVN-2 (v2.5.1 §3.4.1)."""
    return (evn.text(6) or evn.text(2)) if evn is not None else ""


def _when(evn: Segment | None, scope: Scope) -> str:
    """When it happened: by EVN, else by the order (ORC-9), else when the message was made."""
    ordered: str = scope.memory.get("happened", "")
    return happened(evn) or ordered or scope.message.msh.text(7)


def provenance(evn: Segment | None, at: At) -> Resource:
    """One record for the whole message, under an id that every resend of it gives again.

    Source: HL7 v2-to-FHIR, Segments MSH and EVN to Provenance; FHIR R4 Provenance.
    """
    scope = at.scope
    msh = scope.message.msh
    scope.take(msh, _MSH_MAPPED)
    agents = [_agent("author", _sender(scope))]
    if evn is not None:
        scope.take(evn, _EVN_MAPPED[bool(evn.text(6))])
        agents += [
            _agent("enterer", who)
            for rep in evn[5].reps
            if rep.raw and (who := scope.convert("XCN.Practitioner", rep, at))
        ]
    told: dict[tuple[str, str], Reference] = scope.memory.get("agents", {})
    agents += [_agent(role, who) for (role, _), who in told.items()]
    out: dict[str, Any] = {
        "resourceType": "Provenance",
        "id": scope.id,
        "meta": scope.meta,
        "extension": [scope.stamp],
        "target": [],
        "recorded": scope.received_at,
        "agent": agents,
    }
    scope.set_date_time(out, "occurredDateTime", _when(evn, scope), "EVN-2")
    if event := msh.text(9, 2).strip():
        out["activity"] = {"coding": [{"system": v2_table("0003"), "code": event}]}
    message: Reference = {"display": scope.message.kind}
    if control_id := scope.message.control_id.strip():
        message["identifier"] = {"system": scope.own("message"), "value": control_id}
    out["entity"] = [{"role": "source", "what": message}]
    return out


def _sender(scope: Scope) -> Reference:
    names = dict.fromkeys((scope.application, scope.facility))
    return {
        "type": "Organization",
        "identifier": {"system": scope.own("organization"), "value": scope.facility},
        "display": ", ".join(filter(None, names)),
    }


def _agent(role: str, who: Reference) -> Resource:
    return {"type": {"coding": [{"system": PROVENANCE_AGENT, "code": role}]}, "who": who}
