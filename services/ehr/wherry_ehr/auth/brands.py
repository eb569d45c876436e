"""Whose server this is: one Organization and its FHIR endpoint as a User Access Brands Bundle."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.resource import Issue, Resource

# Source: SMART 2.2, User-access Brands and Endpoints; codes of its profiles
_PROFILE = "http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access-"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_ASKED = frozenset({"asked-declined", "asked-unknown"})

# When the content below was last changed. Source: R398, R418
CHANGED = "2026-11-28T00:00:00Z"

BRAND: Resource = {
    "resourceType": "Organization",
    "id": "sandbox",
    "active": True,
    "identifier": [{"system": "urn:ietf:rfc:3986", "value": "https://sandbox.example"}],
    "type": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/organization-type",
                    "code": "prov",
                    "display": "Healthcare Provider",
                }
            ]
        }
    ],
    "name": "Sandbox Hospital (synthetic data, development and test only)",
    "alias": ["Sandbox"],
    "telecom": [{"system": "url", "value": "https://sandbox.example"}],
    "address": [{"city": "Testville", "country": "ZZ"}],
}


def read_brand(path: Path, check: Callable[[Resource], list[Issue]]) -> Resource:
    """The Organization in this file. Raises: Failure(INVALID) that names what is wrong.

    Every element that its owner supplies is published as it is. Source: SMART 2.2, R402 to R405,
    R421, R436 (no reason for missing data but these two).
    """
    try:
        brand = decode(path.read_bytes())
    except OSError:
        raise Failure(Kind.INVALID, "cannot be read", at=str(path)) from None
    if not isinstance(brand, dict) or brand.get("resourceType") != "Organization":
        raise Failure(Kind.INVALID, "an Organization is needed", at=str(path))
    for issue in check(brand):
        raise Failure(Kind.INVALID, issue.text, at=f"{path}: {issue.at}")
    if not any(one.get("value") for one in brand.get("identifier", [])):
        raise Failure(Kind.INVALID, "an identifier with a value is needed", at=str(path))
    if set(_absent(brand)) - _ASKED:
        text = "data-absent-reason may be asked-declined or asked-unknown"
        raise Failure(Kind.INVALID, text, at=str(path))
    return {**brand, "id": brand.get("id", "brand")}


def identifier_of(brand: Resource) -> Resource:
    """What `user_access_brand_identifier` says. Source: SMART 2.2, R409 to R412, R430, R431."""
    found: Resource = next(one for one in brand["identifier"] if one.get("value"))
    return {name: found[name] for name in ("system", "value") if name in found}


def brands(brand: Resource, *, fhir: str, origin: str, own_url: str) -> Resource:
    """The Bundle at `own_url`, of the server whose base is `fhir`.

    Source: SMART 2.2, R396 to R419, R432.
    """
    endpoint = {
        "resourceType": "Endpoint",
        "id": "fhir-r4",
        "meta": {"profile": [f"{_PROFILE}endpoint"], "lastUpdated": CHANGED},
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version",
                "valueCode": "4.0.1",
            }
        ],
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
        },
        "name": "FHIR R4",
        "contact": [{"system": "url", "value": origin}],
        "payloadType": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
                        "code": "none",
                    }
                ]
            }
        ],
        "address": fhir,
    }
    meta = {**brand.get("meta", {}), "profile": [f"{_PROFILE}brand"], "lastUpdated": CHANGED}
    own = {**brand, "meta": meta, "endpoint": [{"reference": "Endpoint/fhir-r4"}]}
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{_PROFILE}brands-bundle"]},
        "type": "collection",
        "timestamp": CHANGED,
        "entry": [
            {"fullUrl": f"{own_url}/{each['resourceType']}/{each['id']}", "resource": each}
            for each in (own, endpoint)
        ],
    }


def _absent(value: Any) -> Iterator[str]:
    """Every reason for missing data in it."""
    if isinstance(value, list):
        for one in value:
            yield from _absent(one)
    elif isinstance(value, dict):
        if value.get("url") == _ABSENT:
            yield str(value.get("valueCode", ""))
        for one in value.values():
            yield from _absent(one)
