"""What TXA says of a document: which it is, whether it stands, what came before it."""

from typing import Any

from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import authority, of_ei

_URI = "urn:ietf:rfc:3986"
_CANCELLED = "T11"


@function("document_identity")
def document_identity(txa: Segment, at: At) -> Identifier | None:
    """The document's number (TXA-12), else its file name, else the message."""
    if found := _number(txa[12].first, at):
        return found
    if name := txa.text(16).strip():
        return {"system": at.scope.own("document-file"), "value": name}
    at.scope.warn("TXA-12", "no document number; this document is known by its message only")
    return {"system": at.scope.own("document-of-message"), "value": at.scope.message_key}


@function("document_number")
def document_number(txa: Segment, out: Resource, at: At) -> None:
    """TXA-12 as masterIdentifier."""
    if found := _number(txa[12].first, at):
        out["masterIdentifier"] = found


@function("document_status")
def document_status(txa: Segment, out: Resource, at: At) -> None:
    """A cancelled document was never meant to be; else TXA-19, which by itself is current."""
    if at.scope.event == _CANCELLED:
        out["status"] = "entered-in-error"
        return
    code, table = txa.text(19).strip(), at.scope.tables["DocumentAvailability"]
    row = table.get(code) if code else None
    if code and row is None:
        at.scope.unknown_code(table.name, "TXA-19")
    out["status"] = row.to if row and row.to else "current"
    if row is None:
        at.weak.append("status")


@function("document_parent")
def document_parent(txa: Segment, out: Resource, at: At) -> None:
    """TXA-13: what this one is added to or replaces, by the event; else a related document."""
    parent = _number(txa[13].first, at)
    if parent is None:
        return
    if parent == _number(txa[12].first, at):
        at.scope.warn("TXA-13", "the document names itself as its parent; left out")
        return
    target: dict[str, Any] = {
        "type": "DocumentReference",
        "identifier": parent,
        "display": "Parent document",
    }
    row = at.scope.tables["DocumentRelation"].find(at.scope.event)
    if row is not None and row.to:
        out["relatesTo"] = [{"code": row.to, "target": target}]
    else:
        _relate(target, out)


@function("document_orders")
def document_orders(txa: Segment, out: Resource, at: At) -> None:
    """The orders that it answers: those in the message, else by their numbers (TXA-14, TXA-15)."""
    made = [one for one in at.draft.entries if one["resource"]["resourceType"] == "ServiceRequest"]
    known: list[tuple[str, str]] = []
    for entry in made:
        _relate({"reference": entry["fullUrl"]}, out)
        known += [(i["system"], i["value"]) for i in entry["resource"]["identifier"]]
    for field, type_, unnamed in ((14, "PLAC", "placer"), (15, "FILL", "filler")):
        for rep in txa[field].reps:
            found = of_ei(rep, at.scope, type_=type_, default=unnamed)
            if found and (found["system"], found["value"]) not in known:
                _relate({"type": "ServiceRequest", "identifier": found}, out)


def _relate(reference: dict[str, Any], out: Resource) -> None:
    related = out.setdefault("context", {}).setdefault("related", [])
    if reference not in related:
        related.append(reference)


def _number(rep: Rep, at: At) -> Identifier | None:
    """A document number (EI); one that is only an OID or a URI is a URI by itself."""
    if found := of_ei(rep, at.scope, type_="", default="document"):
        return found
    universal, kind = rep[3].strip(), rep[4].strip().upper()
    if not universal:
        return None
    prefix = {"ISO": "urn:oid:", "UUID": "urn:uuid:", "GUID": "urn:uuid:"}.get(kind, "")
    if prefix or universal.startswith(("urn:", "http")):
        return {"system": _URI, "value": prefix + universal}
    return {"system": authority("", "", kind, at.scope, default="document"), "value": universal}
