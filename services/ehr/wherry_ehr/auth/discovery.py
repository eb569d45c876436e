"""The addresses of this server become the documents by which apps find their way."""

from collections.abc import Mapping
from typing import Any

from wherry.resource import Resource
from wherry_ehr.auth.assertion import ALGORITHMS
from wherry_ehr.auth.brands import BRAND, identifier_of
from wherry_ehr.auth.clients import KEY, NONE, SECRET
from wherry_ehr.auth.quirks import PROFILES, Profile
from wherry_ehr.here import Addresses

# Source: SMART App Launch 2.2, Conformance, Capabilities; only what is built stands here
CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)

# Every one of them is granted when registration and request name it. Source: R389
_CONTEXT = [
    "launch",
    "launch/patient",
    "launch/encounter",
    "openid",
    "fhirUser",
    "offline_access",
    "online_access",
]
_WILD = ["patient/*.cruds", "user/*.cruds", "system/*.cruds", "patient/*.read", "user/*.read"]
_SINGLE = ["patient/Patient.rs", "patient/Observation.rs", "user/Patient.rs", "system/Patient.rs"]

STANDARD = PROFILES[""]


def smart_configuration(
    at: Addresses, profile: Profile = STANDARD, brand: Resource = BRAND
) -> Mapping[str, Any]:
    """GET [base]/.well-known/smart-configuration. Source: SMART 2.2, R372 to R394, R438, R439."""
    told = {
        **_common(at, profile),
        "management_endpoint": at.manage,
        "user_access_brand_bundle": at.brands,
        "user_access_brand_identifier": identifier_of(brand),
        "capabilities": [one for one in CAPABILITIES if one not in profile.lacks],
    }
    return {name: value for name, value in told.items() if name not in profile.without}


def openid_configuration(at: Addresses, issuer: str = "") -> Mapping[str, Any]:
    """GET [issuer]/.well-known/openid-configuration. Source: OpenID Connect Discovery 1.0, 3."""
    return {
        **_common(at, STANDARD),
        "issuer": issuer or at.issuer,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"],
    }


def _common(at: Addresses, profile: Profile) -> dict[str, Any]:
    context = [one for one in _CONTEXT if f"context-standalone-{one[7:]}" not in profile.lacks]
    methods = [KEY, SECRET]
    return {
        "issuer": at.issuer,
        "jwks_uri": at.jwks,
        "authorization_endpoint": at.authorize,
        "token_endpoint": at.token,
        "introspection_endpoint": at.introspect,
        "revocation_endpoint": at.revoke,
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "scopes_supported": [*context, *(_WILD if profile.wildcards else _SINGLE)],
        "token_endpoint_auth_methods_supported": [*methods, NONE],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": [*methods, NONE],
        "revocation_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
