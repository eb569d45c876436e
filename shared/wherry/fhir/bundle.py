"""Resources become the entries of a transaction that any R4 server takes, again and again."""

from collections.abc import Sequence

from wherry.fhir.identity import full_url, search_url
from wherry.resource import Bundle, Entry, Identifier, Reference, Resource


def known_by(resource: Resource, identifier: Identifier) -> Entry:
    """A conditional update: the resource takes the place of the one that has this identifier.

    Source: FHIR R4 http, 3.1.0.4.3.
    """
    type_ = resource["resourceType"]
    return {
        "fullUrl": full_url(type_, identifier["system"], identifier["value"]),
        "resource": resource,
        "request": {"method": "PUT", "url": search_url(type_, identifier)},
    }


def under_id(resource: Resource) -> Entry:
    """An update under an id that we chose, for types that cannot be searched by identifier."""
    type_, id_ = resource["resourceType"], resource["id"]
    return {
        "fullUrl": f"urn:uuid:{id_}",
        "resource": resource,
        "request": {"method": "PUT", "url": f"{type_}/{id_}"},
    }


def to(type_: str, identifier: Identifier) -> Reference:
    """A reference, inside the same Bundle, to the resource known by this identifier."""
    return {"reference": full_url(type_, identifier["system"], identifier["value"])}


def transaction(entries: Sequence[Entry]) -> Bundle:
    """All or nothing. Source: FHIR R4 http, 3.1.0.11."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def batch(entries: Sequence[Entry]) -> Bundle:
    """Each for itself."""
    return {"resourceType": "Bundle", "type": "batch", "entry": list(entries)}
