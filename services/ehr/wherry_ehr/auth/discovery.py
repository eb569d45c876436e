"""The addresses of this server become the documents by which apps find their way."""

from collections.abc import Mapping
from typing import Any

from wherry_ehr.auth.assertion import ALGORITHMS
from wherry_ehr.auth.scopes import CONTEXT
from wherry_ehr.here import Addresses

# Source: SMART App Launch 2.2, Conformance, Capabilities; only what is built stands here
CAPABILITIES = (
    "launch-ehr",
    "authorize-post",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-ehr-encounter",
    "permission-patient",
    "permission-v2",
)

_SCOPES = [*CONTEXT, "patient/*.rs"]


def smart_configuration(at: Addresses) -> Mapping[str, Any]:
    """GET [base]/.well-known/smart-configuration. Source: SMART 2.2, R372 to R394."""
    return {
        **_common(at),
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(at: Addresses) -> Mapping[str, Any]:
    """GET [issuer]/.well-known/openid-configuration. Source: OpenID Connect Discovery 1.0, 3."""
    return {
        **_common(at),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"],
    }


def _common(at: Addresses) -> dict[str, Any]:
    return {
        "issuer": at.issuer,
        "jwks_uri": at.jwks,
        "authorization_endpoint": at.authorize,
        "token_endpoint": at.token,
        "revocation_endpoint": at.revoke,
        "grant_types_supported": ["authorization_code"],
        "response_types_supported": ["code"],
        "scopes_supported": _SCOPES,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
