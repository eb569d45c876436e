"""A request body becomes a checked call, or a list of everything that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherry_cds.protocol import context as contexts
from wherry_cds.protocol.authorization import Authorization, problems, read
from wherry_cds.protocol.catalogue import Service
from wherry_cds.protocol.hooks import CONTEXTS, DEPRECATED, Fields
from wherry_cds.protocol.problem import ANOTHER_PATIENT, Problem
from wherry_cds.protocol.subject import is_about_another

_WEB_ADDRESS = re.compile(r'https?://[A-Za-z0-9.:\[\]-]+(/[!"$->@-~]*)?')
_INSTANCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Table = Mapping[str, Fields]


@dataclass(frozen=True, slots=True)
class Call:
    """One well-formed call of a service. `context` holds the fields of the hook that were sent.

    `user_id` is empty for hooks that no user causes. `tokens` are what prefetch templates name.
    """

    service: Service
    hook_instance: str
    patient_id: str
    user_id: str
    context: Mapping[str, Any] = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    prefetch: Mapping[str, Any] = field(repr=False)
    fhir_server: str
    authorization: Authorization | None = None


def parse(
    body: Mapping[str, Any],
    services: Sequence[Service],
    table: Table = CONTEXTS,
    *,
    any_instance: bool = False,
) -> Call | list[Problem]:
    """The call in this body, or its problems. Unknown fields and extensions are left alone.

    With `any_instance`, hookInstance may be another short id than a UUID.

    Source: CDS Hooks 2.0, Calling a CDS Service, HTTP Request.
    """
    service = next((s for s in services if s.hook == body.get("hook")), None)
    known = service or (services[0] if "hook" not in body else None)
    fields = table[known.hook] if known else ()
    found = [
        *_hook(body, services),
        *_hook_instance(body, _INSTANCE if any_instance else _UUID),
        *_context(body, fields),
        *_prefetch(body),
        *_server(body),
        *problems(body),
    ]
    if found or service is None:
        return found
    context = contexts.values(fields, body["context"])
    return Call(
        service=service,
        hook_instance=body["hookInstance"].lower(),
        patient_id=context["patientId"],
        user_id=context.get("userId", ""),
        context=context,
        tokens=contexts.tokens(fields, context),
        prefetch=body.get("prefetch", {}),
        fhir_server=body.get("fhirServer", ""),
        authorization=read(body.get("fhirAuthorization")),
    )


def _hook(body: Mapping[str, Any], services: Sequence[Service]) -> list[Problem]:
    if "hook" not in body:
        return [Problem("hook", "is required", code="required")]
    hook, offered = body["hook"], [service.hook for service in services]
    if hook in offered:
        return []
    if isinstance(hook, str) and hook in DEPRECATED:
        return [Problem("hook", f"is deprecated: use {DEPRECATED[hook]}", code="not-supported")]
    return [Problem("hook", f"does not fit this service, which answers {', '.join(offered)}")]


def _hook_instance(body: Mapping[str, Any], form: re.Pattern[str]) -> list[Problem]:
    value = body.get("hookInstance")
    if value is None or value == "":
        return [Problem("hookInstance", "is required", code="required")]
    if isinstance(value, str) and form.fullmatch(value):
        return []
    return [Problem("hookInstance", "must be a UUID" if form is _UUID else "must be a short id")]


def _context(body: Mapping[str, Any], fields: Fields) -> list[Problem]:
    context = body.get("context")
    if context is None:
        return [Problem("context", "is required", code="required")]
    if not isinstance(context, dict):
        return [Problem("context", "must be an object")]
    return contexts.problems(fields, context)


def _prefetch(body: Mapping[str, Any]) -> list[Problem]:
    if isinstance(body.get("prefetch", {}), dict):
        return []
    return [Problem("prefetch", "must be an object")]


def _server(body: Mapping[str, Any]) -> list[Problem]:
    if "fhirServer" not in body:
        missing = Problem("fhirServer", "is required with fhirAuthorization", code="required")
        return [missing] if "fhirAuthorization" in body else []
    value = body["fhirServer"]
    if isinstance(value, str) and _WEB_ADDRESS.fullmatch(value):
        return []
    return [Problem("fhirServer", "must be an absolute http or https URL without a query")]


def other_patients(call: Call, table: Table = CONTEXTS) -> list[Problem]:
    """Everywhere in context and authorization where another patient is named."""
    places = [
        at
        for at, resource in contexts.resources(table[call.service.hook], call.context)
        if is_about_another(resource, call.patient_id, call.fhir_server)
    ]
    if call.authorization and call.authorization.patient not in ("", call.patient_id):
        places.append("fhirAuthorization.patient")
    return [Problem(at, "names another patient", code=ANOTHER_PATIENT) for at in places]
