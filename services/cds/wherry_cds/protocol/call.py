"""A request body becomes a checked call, or a list of everything that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherry_cds.protocol import hooks
from wherry_cds.protocol.catalogue import Service
from wherry_cds.protocol.problem import Problem

_WEB_ADDRESS = re.compile(r'https?://[A-Za-z0-9.:\[\]-]+(/[!"$->@-~]*)?')
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Call:
    """One well-formed call of a service; the token is for this call's FHIR reads only."""

    service: Service
    hook_instance: str
    patient_id: str
    user_id: str
    context: Mapping[str, str]
    prefetch: Mapping[str, Any] = field(repr=False)
    fhir_server: str
    authorized: bool
    fhir_token: str = field(repr=False)


def parse(body: Mapping[str, Any], services: Sequence[Service]) -> Call | list[Problem]:
    """The call in this body, or its problems. Unknown fields and extensions are left alone.

    Source: CDS Hooks 2.0, Calling a CDS Service, HTTP Request.
    """
    service = next((s for s in services if s.hook == body.get("hook")), None)
    found = [
        *_hook(body, services),
        *_hook_instance(body),
        *_context(body, service or (services[0] if "hook" not in body else None)),
        *_objects(body),
        *_server(body),
        *_authorization(body),
    ]
    if found or service is None:
        return found
    context = body["context"]
    fields = [each.name for each in hooks.CONTEXTS[service.hook]]
    authorization = body.get("fhirAuthorization", {})
    return Call(
        service=service,
        hook_instance=body["hookInstance"].lower(),
        patient_id=context["patientId"],
        user_id=context["userId"],
        context={name: context[name] for name in fields if context.get(name)},
        prefetch=body.get("prefetch", {}),
        fhir_server=body.get("fhirServer", ""),
        authorized=bool(authorization),
        fhir_token=_usable(authorization),
    )


def _hook(body: Mapping[str, Any], services: Sequence[Service]) -> list[Problem]:
    if "hook" not in body:
        return [Problem("hook", "is required", code="required")]
    offered = [service.hook for service in services]
    if body["hook"] in offered:
        return []
    return [Problem("hook", f"does not fit this service, which answers {', '.join(offered)}")]


def _hook_instance(body: Mapping[str, Any]) -> list[Problem]:
    value = body.get("hookInstance")
    if value is None or value == "":
        return [Problem("hookInstance", "is required", code="required")]
    if isinstance(value, str) and _UUID.fullmatch(value):
        return []
    return [Problem("hookInstance", "must be a UUID")]


def _context(body: Mapping[str, Any], service: Service | None) -> list[Problem]:
    context = body.get("context")
    if context is None:
        return [Problem("context", "is required", code="required")]
    if not isinstance(context, dict):
        return [Problem("context", "must be an object")]
    return hooks.problems(service.hook, context) if service else []


def _objects(body: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(name, "must be an object")
        for name in ("prefetch", "fhirAuthorization")
        if name in body and not isinstance(body[name], dict)
    ]


def _server(body: Mapping[str, Any]) -> list[Problem]:
    if "fhirServer" not in body:
        missing = Problem("fhirServer", "is required with fhirAuthorization", code="required")
        return [missing] if "fhirAuthorization" in body else []
    value = body["fhirServer"]
    if isinstance(value, str) and _WEB_ADDRESS.fullmatch(value):
        return []
    return [Problem("fhirServer", "must be an absolute http or https URL without a query")]


# Source: CDS Hooks 2.0, Passing the Access Token to the CDS Service
_AUTHORIZATION: Mapping[str, type] = {
    "access_token": str,
    "token_type": str,
    "expires_in": int,
    "scope": str,
    "subject": str,
}


def _authorization(body: Mapping[str, Any]) -> list[Problem]:
    given = body.get("fhirAuthorization")
    if not isinstance(given, dict):
        return []
    found = []
    for name, type_ in _AUTHORIZATION.items():
        at = f"fhirAuthorization.{name}"
        value = given.get(name)
        if value is None:
            found.append(Problem(at, "is required", code="required"))
        elif not isinstance(value, type_) or isinstance(value, bool):
            found.append(Problem(at, f"must be {_SAID[type_]}"))
    kind = given.get("token_type")
    if isinstance(kind, str) and kind != "Bearer":
        found.append(Problem("fhirAuthorization.token_type", "must be Bearer"))
    token = given.get("access_token")
    if isinstance(token, str) and not _TOKEN.fullmatch(token):
        found.append(Problem("fhirAuthorization.access_token", "must be a bearer token"))
    return found


_SAID: Mapping[type, str] = {str: "a string", int: "an integer"}

# Source: RFC 6750 §2.1, b64token
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def _usable(authorization: Mapping[str, Any]) -> str:
    """The token to send; a token that is said to be over is not sent anywhere."""
    if not authorization or authorization["expires_in"] <= 0:
        return ""
    return str(authorization["access_token"])
