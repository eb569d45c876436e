"""GET metadata: the CapabilityStatement, written from the tables that the server runs on."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from wherry.codec import encode
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.auth.statement import security
from wherry_ehr.deps import Deps
from wherry_ehr.here import Addresses
from wherry_ehr.interactions.patch import JSON_PATCH
from wherry_ehr.interactions.shape import summary
from wherry_ehr.interactions.table import INTERACTIONS, SYSTEM_PATHS
from wherry_ehr.search.params import parameters
from wherry_ehr.search.results import ANY

# CapabilityStatement.date: when these abilities last changed.
CHANGED = "2026-11-28"

_DEFINITIONS = "http://hl7.org/fhir/OperationDefinition/"
_OF_PATIENTS = frozenset({"everything"})

# The search kinds that are not types of their own. Source: FHIR R4 search-param-type.
_KINDS = {"id": "token", "updated": "date"}


def capabilities(ask: Ask, deps: Deps) -> Answer:
    """What this server does, and no more. Source: FHIR R4 http, 3.1.0.12."""
    brief = ("_summary", "true") in ask.params
    return Answer(200, _text(ask.base, deps.issuer or ask.base, brief=brief))


@cache
def _text(base: str, issuer: str, *, brief: bool) -> str:
    statement = _statement(base, issuer)
    return encode(summary("CapabilityStatement", statement) if brief else statement).decode()


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
        "patchFormat": [JSON_PATCH],
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
    held = parameters()[type_].values()
    references = sorted(param.name for param in held if param.kind == "reference")
    coming = [f"{type_}:{name}" for name in references]
    return {
        "type": type_,
        "interaction": _codes(system=False),
        **says,
        "referencePolicy": ["literal", "logical"],
        **({"searchInclude": [ANY, *coming]} if coming else {}),
        **({"searchRevInclude": going} if (going := list(_referring(type_))) else {}),
        "searchParam": [
            {"name": param.name, "type": _KINDS.get(param.kind, param.kind)} for param in held
        ],
        "operation": list(_operations(type_)),
    }


def _referring(type_: str) -> Iterator[str]:
    for other, held in parameters().items():
        for param in held.values():
            if type_ in param.targets:
                yield f"{other}:{param.name}"


def _operations(type_: str) -> Iterator[dict[str, str]]:
    for one in INTERACTIONS:
        if one.operation and (type_ == "Patient" or one.operation not in _OF_PATIENTS):
            name = f"{'Patient' if one.operation in _OF_PATIENTS else 'Resource'}-{one.operation}"
            yield {"name": one.operation, "definition": f"{_DEFINITIONS}{name}"}


def _codes(*, system: bool) -> list[dict[str, str]]:
    return [
        {"code": code}
        for one in INTERACTIONS
        if (one.path in SYSTEM_PATHS) == system
        for code in one.codes
    ]
