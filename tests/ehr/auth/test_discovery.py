"""How apps find their way. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from wherry.web.peers import read_networks
from wherry_ehr.app import create_app

WELL_KNOWN = "/fhir/.well-known/smart-configuration"
OPENID = "/fhir/.well-known/openid-configuration"


@pytest.mark.parametrize("accept", ["application/json", "text/html", "application/fhir+xml", ""])
@pytest.mark.parametrize("path", [WELL_KNOWN, OPENID])
def test_json_is_served_to_everyone_whatever_is_accepted(
    smart: Any, path: str, accept: str
) -> None:
    """R30, R372, R374, R377, R380."""
    answer = smart.client.get(path, headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (200, "application/json")


def test_the_configuration_says_what_is_built_and_no_more(smart: Any) -> None:
    """R14, R15, R285 to R289, R373, R378, R381 to R385, R393, R394."""
    assert smart.client.get(WELL_KNOWN).get_json() == {
        "issuer": "http://localhost/fhir",
        "jwks_uri": "http://localhost/auth/jwks",
        "authorization_endpoint": "http://localhost/auth/authorize",
        "token_endpoint": "http://localhost/auth/token",
        "revocation_endpoint": "http://localhost/auth/revoke",
        "introspection_endpoint": "http://localhost/auth/introspect",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "scopes_supported": [
            "launch",
            "launch/patient",
            "launch/encounter",
            "openid",
            "fhirUser",
            "offline_access",
            "online_access",
            "patient/*.cruds",
            "user/*.cruds",
            "system/*.cruds",
            "patient/*.read",
            "user/*.read",
        ],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "introspection_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
        "revocation_endpoint_auth_methods_supported": [
            "private_key_jwt",
            "client_secret_basic",
            "none",
        ],
        "revocation_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "management_endpoint": "http://localhost/auth/manage",
        "user_access_brand_bundle": "http://localhost/auth/brands",
        "user_access_brand_identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": "https://sandbox.example",
        },
        "capabilities": [
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
        ],
    }


def test_the_openid_configuration_has_what_openid_needs(smart: Any) -> None:
    """R205, R210, R218; OpenID Connect Discovery 1.0, 3."""
    found = smart.client.get(OPENID).get_json()

    assert found["issuer"] == "http://localhost/fhir"
    assert found["subject_types_supported"] == ["public"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert found["response_types_supported"] == ["code"]


def test_keys_are_bare_public_and_stay_the_same(smart: Any) -> None:
    """R207."""
    first, second = (smart.client.get("/auth/jwks").get_json() for _ in range(2))

    (key,) = first["keys"]
    assert set(key) == {"kty", "kid", "use", "alg", "n", "e"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert RSAKey.import_key(key).public_key.key_size == 2048
    assert first == second


@pytest.mark.parametrize("path", [WELL_KNOWN, OPENID, "/fhir/metadata", "/auth/jwks"])
def test_pages_of_any_origin_may_read_what_is_public(smart: Any, path: str) -> None:
    """R16."""
    answer = smart.client.get(path, headers={"Origin": "https://app.example.org"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_no_page_of_another_origin_reads_anything_else(smart: Any) -> None:
    """R17 is for browser-based apps, and none can be registered."""
    answers = [
        smart.client.get("/fhir/Patient/p-1", headers={"Origin": "https://app.example.org"}),
        smart.client.post("/auth/token", headers={"Origin": "https://app.example.org"}),
    ]

    assert not [one for one in answers if "Access-Control-Allow-Origin" in one.headers]


@pytest.mark.parametrize(
    ("peer", "host", "expected"),
    [
        ("127.0.0.1", "localhost", [400, 400, 200]),
        ("203.0.113.5", "localhost", [403, 400, 200]),
        ("127.0.0.1", "rebound.example.org", [403, 403, 403]),
    ],
)
def test_browsers_come_from_this_machine_and_apps_by_our_own_name(
    smart: Any, peer: str, host: str, expected: list[int]
) -> None:
    """An assertion for another server must not become good here by a Host that names it."""
    asked = [("GET", "/auth/authorize"), ("POST", "/auth/token"), ("GET", "/auth/jwks")]

    answers = [
        smart.client.open(
            path, method=method, headers={"Host": host}, environ_base={"REMOTE_ADDR": peer}
        )
        for method, path in asked
    ]

    assert [one.status_code for one in answers] == expected


def test_a_trusted_peer_may_be_asked_to_authorize(smart: Any) -> None:
    trusted = replace(smart.deps, trusted_peers=read_networks("172.30.87.1"))
    client = create_app(trusted).test_client()

    def status(peer: str) -> int:
        return int(
            client.get(
                "/auth/authorize", headers={"Host": "localhost"}, environ_base={"REMOTE_ADDR": peer}
            ).status_code
        )

    assert [status("172.30.87.1"), status("172.30.87.2"), status("127.0.0.1")] == [400, 403, 400]
