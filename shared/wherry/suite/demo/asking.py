"""A patient becomes the cards that an EHR would show when their chart is opened."""

from collections.abc import Mapping
from typing import Any

from wherry.adapters.clock import new_id
from wherry.errors import Failure, Kind
from wherry.suite.demo.web import Service

HOOK = "patient-view"

Card = Mapping[str, Any]


def ask(cds: Service, service: str, patient_id: str, access: Mapping[str, Any]) -> list[Card]:
    """The cards of a CDS service for this patient. Source: CDS Hooks 2.0, Calling a CDS Service.

    `access` is what the service works from: prefetch, or fhirServer and fhirAuthorization.
    """
    call = {
        "hook": HOOK,
        "hookInstance": new_id(),
        "context": {"userId": "Practitioner/wherry-demo", "patientId": patient_id},
        **access,
    }
    cards = cds.post(f"/cds-services/{service}", call)["cards"]
    if not cards:
        raise Failure(Kind.UNAVAILABLE, "answered without a card", at="cds")
    return list(cards)


def by_reading(fhir_base: str, token: str) -> dict[str, Any]:
    """Let the service read the record itself, with a token for this call."""
    return {
        "fhirServer": fhir_base,
        "fhirAuthorization": {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/Patient.rs patient/Observation.rs",
            "subject": "wherry-demo",
        },
    }


def by_prefetch(cds: Service, fhir: Service, service: str, patient_id: str) -> dict[str, Any]:
    """Hand over what the service says that it needs. Source: CDS Hooks 2.0, Prefetch Template."""
    offered = {each["id"]: each for each in cds.get("/cds-services")["services"]}
    templates = offered[service]["prefetch"]
    return {
        "prefetch": {
            key: fhir.get("/" + template.replace("{{context.patientId}}", patient_id))
            for key, template in templates.items()
        }
    }
