"""What the CapabilityStatement says about access: words, the service, and the addresses for it."""

from typing import Any

from wherry_ehr.here import Addresses

# Source: SMART 1.0, Declaring support for OAuth2 endpoints: apps older than the SMART
# configuration look here
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"

_WORDS = (
    "Authorization: Bearer with the configured token, or with the access token of a SMART app or "
    "backend service (SMART App Launch 2.2; see .well-known/smart-configuration). Scopes of the "
    "level patient are held to the compartment of one Patient. Patient.link gives no access: the "
    "data of a linked Patient are a matter of that Patient's own launch."
)


def security(at: Addresses) -> dict[str, Any]:
    """CapabilityStatement.rest.security. Source: SMART 2.2, R139; FHIR R4 CapabilityStatement."""
    addresses = {
        "authorize": at.authorize,
        "token": at.token,
        "introspect": at.introspect,
        "revoke": at.revoke,
    }
    return {
        "extension": [
            {
                "url": OAUTH_URIS,
                "extension": [{"url": name, "valueUri": url} for name, url in addresses.items()],
            }
        ],
        "cors": True,
        "service": [
            {
                "coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}],
                "text": "OAuth2 using SMART-on-FHIR profile",
            }
        ],
        "description": _WORDS,
    }
