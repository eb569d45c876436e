"""Metadata and answers as Epic and Oracle Health send them, written from what is known of them.

Addresses are made up; which members are there, and how they are spelled, is not.
Source: Epic OAuth 2.0 specification (2025); Oracle Health smart-configuration (2026).
"""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_smart.protocol.discovery import Endpoints, endpoints, openid_address
from wherry_smart.protocol.grant import Grant, grant
from wherry_smart.protocol.profiles import Profile, Way, profiles
from wherry_smart.protocol.scopes import withheld

EPIC = {
    "iss": "https://fhir.hospital.example/interconnect/api/FHIR/R4",
    "vendor": "epic",
    "client_id": "6ab7c1de-0000-4000-8000-000000000000",
    "id_token_issuers": ["https://fhir.hospital.example/interconnect/oauth2"],
    "extra_context_keys": ["__epic.dstu2.patient", "loginDepartment"],
}
EPIC_DOCUMENT = {
    "authorization_endpoint": "https://fhir.hospital.example/interconnect/oauth2/authorize",
    "token_endpoint": "https://fhir.hospital.example/interconnect/oauth2/token",
    "token_endpoint_auth_methods": ["client_secret_post", "client_secret_basic"],
    "scopes_supported": ["launch", "openid", "fhirUser"],
    "response_types_supported": ["code"],
    "capabilities": ["launch-ehr", "client-confidential-symmetric", "permission-v1"],
}
EPIC_OPENID = {
    "issuer": "https://fhir.hospital.example/interconnect/oauth2",
    "jwks_uri": "https://fhir.hospital.example/interconnect/api/epic/2019/keys",
}
EPIC_ANSWER = {
    "access_token": "made-up",
    "token_type": "Bearer",
    "expires_in": 3240,
    "scope": "launch openid fhirUser user/Observation.Read patient/Patient.Read",
    "id_token": "made.up.token",
    "patient": "eq081-VQEgP8drUUqCWzHfw3",
    "encounter": "",
    "need_patient_banner": "true",
    "smart_style_url": "https://fhir.hospital.example/style/abc.json",
    "__epic.dstu2.patient": "TnOZ.elPXC6zcBNFMcFA7A5KZbYxo2.4T-LylRk4GoW4B",
    "loginDepartment": "101000",
    "state": "as-it-was-sent",
}

ORACLE = {
    "iss": "https://fhir-ehr.oracle.example/r4/made-up-tenant/",
    "vendor": "oracle",
    "client_id": "made-up",
    "allowed_hosts": ["https://authorization.oracle.example"],
    "id_token_issuers": [
        "https://authorization.oracle.example/tenants/made-up-tenant/oidc/idsps/made-up-tenant/"
    ],
}
_OAUTH = "protocols/oauth2/profiles/smart-v1"
_TENANT = "https://authorization.oracle.example/tenants/made-up-tenant"
ORACLE_DOCUMENT = {
    "issuer": _TENANT,
    "jwks_uri": f"{_TENANT}/oidc/idsps/made-up-tenant/.well-known/jwks",
    "authorization_endpoint": f"{_TENANT}/{_OAUTH}/personas/provider/authorize",
    "token_endpoint": f"{_TENANT}/hosts/fhir-ehr.oracle.example/{_OAUTH}/token",
    "code_challenge_methods_supported": ["S256"],
    "capabilities": [
        "launch-ehr",
        "client-confidential-asymmetric",
        "permission-v1",
        "permission-v2",
    ],
}
ORACLE_ANSWER = {
    "access_token": "made-up",
    "token_type": "Bearer",
    "expires_in": 570,
    "scope": "launch openid fhirUser patient/Observation.rs patient/Patient.read online_access",
    "id_token": "made.up.token",
    "patient": "12724066",
    "encounter": "97953477",
    "need_patient_banner": False,
    "tenant": "made-up-tenant",
    "username": "portal",
}


def _profile(given: dict[str, Any]) -> Profile:
    redirect = "https://app.example.org/callback"
    return profiles([given], client_id="other", redirect=redirect).listed[0]


def _found(given: dict[str, Any], document: Any, openid: Any) -> Endpoints:
    return endpoints(document, openid, _profile(given))


def test_epics_keys_are_found_by_way_of_the_issuer_of_its_id_tokens() -> None:
    profile = _profile(EPIC)

    assert openid_address(EPIC_DOCUMENT, profile) == (
        "https://fhir.hospital.example/interconnect/oauth2/.well-known/openid-configuration"
    )
    found = _found(EPIC, EPIC_DOCUMENT, EPIC_OPENID)
    assert (found.jwks, found.signers) == (EPIC_OPENID["jwks_uri"], (EPIC_OPENID["issuer"],))
    assert (found.names_issuer, found.revocation) == (False, "")


def test_epic_is_told_at_discovery_which_app_asks_and_asked_in_v1() -> None:
    profile = _profile(EPIC)

    assert profile.discovery_headers == {"Epic-Client-ID": EPIC["client_id"]}
    assert profile.basic_urlencode
    assert "patient/Observation.read" in profile.scopes(EPIC_DOCUMENT["capabilities"], Way.EHR)


def test_epics_answer_is_read_as_it_is_spelled() -> None:
    found: Grant = grant(EPIC_ANSWER, _profile(EPIC), Way.EHR, asked="")

    assert (found.banner, found.encounter, found.expires_in_s) == (True, "", 3240)
    assert found.more == {
        "__epic.dstu2.patient": EPIC_ANSWER["__epic.dstu2.patient"],
        "loginDepartment": "101000",
    }
    assert withheld(found.scope, needed=("Patient", "Observation")) == ()
    assert withheld(found.scope, needed=("Encounter",)) == ("Encounter",)


def test_oracles_token_endpoint_is_taken_as_it_is_named_never_made_from_a_pattern() -> None:
    openid = {"issuer": ORACLE["id_token_issuers"][0], "jwks_uri": ORACLE_DOCUMENT["jwks_uri"]}
    found = _found(ORACLE, ORACLE_DOCUMENT, openid)

    assert found.token == ORACLE_DOCUMENT["token_endpoint"]
    assert found.signers == tuple(ORACLE["id_token_issuers"])
    assert found.issuer == _TENANT


def test_oracles_hosts_count_only_when_they_are_listed() -> None:
    unlisted = {**ORACLE, "allowed_hosts": []}

    with pytest.raises(Failure) as failure:
        _found(unlisted, ORACLE_DOCUMENT, {})

    assert failure.value.kind is Kind.FORBIDDEN


def test_oracle_is_asked_in_v2_without_wildcards_and_seldom_renewed() -> None:
    profile = _profile(ORACLE)
    scopes = profile.scopes(ORACLE_DOCUMENT["capabilities"], Way.EHR)

    assert "patient/Observation.rs" in scopes
    assert "*" not in scopes
    assert (profile.refresh_min_interval_s, profile.keep_refresh_if_absent) == (60, True)


def test_oracles_answer_is_read_as_it_is_spelled() -> None:
    found = grant(ORACLE_ANSWER, _profile(ORACLE), Way.EHR, asked="")

    assert (found.banner, found.encounter, found.tenant) == (False, "97953477", "made-up-tenant")
    assert (found.expires_in_s, found.refresh_token) == (570, "")


def test_another_issuer_does_not_answer_in_place_of_the_ehrs() -> None:
    with pytest.raises(Failure) as failure:
        _found(EPIC, EPIC_DOCUMENT, {**EPIC_OPENID, "issuer": "https://evil.example"})

    assert failure.value.kind is Kind.FORBIDDEN


@pytest.mark.parametrize(
    "bad",
    [
        {"iss": "http://ehr.example.org/fhir"},
        {"iss": "https://ehr.example.org/fhir?x=1"},
        {"auth_method": "basic"},
        {"auth_method": "client_secret_basic"},
        {"secret_ref": "secret"},
        {"auth_method": "client_secret_basic", "secret_ref": "../secret"},
        {"redirect_uri": "https://app.example.org/elsewhere"},
        {"redirect_uri": "http://app.example.org/callback"},
        {"oidc_discovery_url": "ftp://x"},
        {"allowed_hosts": ["authorization.example.org"]},
        {"colour": "blue"},
        {"alg": "RS256"},
        {"client_id": ""},
    ],
    ids=str,
)
def test_a_profile_that_cannot_be_right_is_refused_at_the_start(bad: dict[str, Any]) -> None:
    given = {"iss": "https://ehr.example.org/fhir", **bad}

    with pytest.raises(Failure) as failure:
        profiles([given], client_id="made-up", redirect="https://app.example.org/callback")

    assert (failure.value.kind, failure.value.at) == (Kind.INVALID, "profiles")


def test_an_ehr_has_one_profile() -> None:
    same = [{"iss": "https://ehr.example.org/fhir"}, {"iss": "https://ehr.example.org/fhir/"}]

    with pytest.raises(Failure):
        profiles(same, client_id="x", redirect="https://app.example.org/callback")
