"""GET metadata: the CapabilityStatement, written from the tables that the server runs on."""

from functools import cache
from typing import Any

from wherry.codec import encode
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.auth.statement import security
from wherry_ehr.deps import Deps
from wherry_ehr.here import Addresses
from wherry_ehr.interactions.table import INTERACTIONS, SYSTEM_PATHS
from wherry_ehr.search.params import parameters

# CapabilityStatement.date: when these abilities last changed.
CHANGED = "2026-11-01"

# The search kinds that are not types of their own. Source: FHIR R4 search-param-type.
_KINDS = {"id": "token", "updated": "date"}


def capabilities(ask: Ask, deps: Deps) -> Answer:
    """What this server does, and no more. Source: FHIR R4 http, 3.1.0.12."""
    return Answer(200, encode(_statement(ask.base, deps.issuer or ask.base)).decode())


@cache
def _statement(base: str, issuer: str) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Wherry sandbox EHR"},
        "implementation": {
            "description": "A FHIR R4 store for development, tests and demonstrations; not for "
            "production, and it refuses to start there",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": security(Addresses(issuer)),
                "resource": [_resource(type_) for type_ in parameters()],
                "interaction": _codes(system=True),
            }
        ],
    }


def _resource(type_: str) -> dict[str, Any]:
    says = dict(pair for one in INTERACTIONS for pair in one.says)
    return {
        "type": type_,
        "interaction": _codes(system=False),
        **says,
        "conditionalRead": "not-supported",
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical"],
        "searchParam": [
            {"name": param.name, "type": _KINDS.get(param.kind, param.kind)}
            for param in parameters()[type_].values()
        ],
    }


def _codes(*, system: bool) -> list[dict[str, str]]:
    return [
        {"code": code}
        for one in INTERACTIONS
        if (one.path in SYSTEM_PATHS) == system
        for code in one.codes
    ]
