"""Profiles of known EHRs and expired tokens: test modes, off unless an app is registered so."""

from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.ehr.auth.apps import choosing, chosen, launched, public_app, refreshed
from tests.ehr.auth.driver import query

from wherry_ehr.app import create_app
from wherry_ehr.auth.clients import hashed

WELL_KNOWN = "/fhir/.well-known/smart-configuration"
SCOPE = "launch openid fhirUser offline_access patient/Patient.read patient/*.rs"


def _issuer(smart: Any, body: Any) -> str:
    keys = KeySet.import_key_set(smart.client.get("/auth/jwks").get_json())
    return str(jwt.decode(body["id_token"], keys, algorithms=["RS256"]).claims["iss"])


def test_epic_sends_texts_for_booleans_and_tokens_of_another_issuer(smart: Any) -> None:
    body = launched(smart, public_app(smart, quirks="epic"), SCOPE).get_json()

    assert body["need_patient_banner"] == "true"
    assert body["scope"] == "launch openid fhirUser offline_access patient/Patient.Read"
    assert body["state"] == "state-1"
    assert "__epic.dstu2.patient" in body
    assert _issuer(smart, body) == "http://localhost/oauth2"


def test_oracle_knows_no_wildcards_and_gives_short_tokens(smart: Any) -> None:
    client = public_app(smart, quirks="oracle")
    body = launched(smart, client, SCOPE).get_json()
    fresh, again = (refreshed(smart, client, body["refresh_token"]) for _ in range(2))

    assert body["expires_in"] == 570
    assert "patient/*" not in body["scope"]
    assert _issuer(smart, body) == "http://localhost/oidc/idsps/sandbox/"
    assert (fresh.status_code, again.status_code) == (200, 200)
    assert "refresh_token" not in fresh.get_json()
    smart.clock.go(seconds=569)
    in_time = smart.fhir(body["access_token"], "Patient/p-1").status_code
    smart.clock.go(seconds=1)
    assert (in_time, smart.fhir(body["access_token"], "Patient/p-1").status_code) == (200, 401)


@pytest.mark.parametrize("quirks", ["epic", "oracle"])
def test_these_do_not_name_themselves_in_the_answer(smart: Any, quirks: str) -> None:
    page = choosing(smart, public_app(smart, quirks=quirks), "launch/patient patient/Patient.rs")

    answer = chosen(smart, page, patient="p-1", decision="allow")

    assert "iss" not in query(answer.location)


@pytest.mark.parametrize("path", ["/oauth2", "/oidc/idsps/sandbox/"])
def test_the_other_issuer_can_be_discovered(smart: Any, path: str) -> None:
    found = smart.client.get(f"{path.rstrip('/')}/.well-known/openid-configuration").get_json()

    assert found["issuer"] == f"http://localhost{path}"
    assert found["jwks_uri"] == "http://localhost/auth/jwks"


def test_metadata_are_missing_for_whom_they_are_and_for_nobody_else(smart: Any) -> None:
    public_app(smart, "odd", quirks="epic")
    named = {"Epic-Client-ID": "odd"}

    odd, plain = (smart.client.get(WELL_KNOWN, headers=h).get_json() for h in (named, {}))

    gone = plain.keys() - odd.keys()
    assert gone == {
        "issuer",
        "jwks_uri",
        "grant_types_supported",
        "code_challenge_methods_supported",
        "authorization_response_iss_parameter_supported",
    }


def test_a_profile_of_the_settings_is_that_of_discovery(smart: Any) -> None:
    client = create_app(replace(smart.deps, quirks="oracle")).test_client()

    found = client.get(WELL_KNOWN).get_json()

    assert "context-standalone-patient" not in found["capabilities"]
    assert not [scope for scope in found["scopes_supported"] if "*" in scope]
    assert "launch/patient" not in found["scopes_supported"]


def test_a_secret_that_is_form_encoded_is_taken(smart: Any) -> None:
    """Epic encodes the parts of Basic, others do not; a made-up secret with such characters."""
    secret = "a b+c/%d"
    public_app(smart, "odd", auth_method="client_secret_basic", secret_sha256=hashed(secret))
    form = {"grant_type": "refresh_token", "refresh_token": "made-up"}

    def error(given: str) -> str:
        pair = b64encode(f"odd:{given}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        return str(smart.client.post("/auth/token", data=form, headers=headers).get_json()["error"])

    found = [error(given) for given in (secret, quote_plus(secret), "a b+c")]
    assert found == ["invalid_grant", "invalid_grant", "invalid_client"]


def test_expired_tokens_look_good_and_open_nothing(smart: Any) -> None:
    client = public_app(smart, expired_tokens=True)

    body = launched(smart, client, "launch patient/Patient.rs offline_access").get_json()
    fresh = refreshed(smart, client, body["refresh_token"]).get_json()

    assert (body["expires_in"], fresh["expires_in"]) == (3600, 3600)
    for one in (body, fresh):
        refused = smart.fhir(one["access_token"], "Patient/p-1")
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
