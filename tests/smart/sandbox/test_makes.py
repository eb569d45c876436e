"""Apps as Epic and Oracle Health would run them, against the sandbox that plays these makes."""

from typing import Any

import pytest
from tests.smart.sandbox.conftest import PATIENT, by_key, by_secret

V2 = ["openid", "fhirUser", "offline_access", "patient/Patient.rs", "patient/Observation.rs"]


def _origin(server: Any) -> str:
    return str(server.base.removesuffix("/fhir"))


def _epic(server: Any) -> dict[str, Any]:
    return {
        "vendor": "epic",
        "scope_version": "v1",
        "scopes_v1": ["openid", "fhirUser", "patient/Patient.read", "patient/Observation.read"],
        "id_token_issuers": [f"{_origin(server)}/oauth2"],
        "extra_context_keys": ["__epic.dstu2.patient"],
    }


def _oracle(server: Any) -> dict[str, Any]:
    return {
        "vendor": "oracle",
        "scopes_v2": V2,
        "id_token_issuers": [f"{_origin(server)}/oidc/idsps/sandbox/"],
    }


def _about(opened: Any, answer: Any) -> Any:
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return opened.data(answer, "session").json


@pytest.mark.parametrize(
    ("registration", "profile"),
    [
        (by_key(), {}),
        (by_secret(), {"auth_method": "client_secret_basic", "secret_ref": "secret"}),
        ({"auth_method": "none"}, {"auth_method": "none"}),
    ],
    ids=["key", "secret", "public"],
)
def test_the_plain_sandbox_opens_the_app(
    app_of: Any, registration: dict[str, Any], profile: dict[str, Any]
) -> None:
    opened = app_of(registration, scopes_v2=V2, **profile)

    about = _about(opened, opened.launch())

    assert about["patient_id"] == PATIENT


def test_epic_says_texts_and_names_no_keys_and_opens_all_the_same(app_of: Any, server: Any) -> None:
    opened = app_of({**by_key(), "quirks": "epic"}, **_epic(server))

    answer = opened.launch(need_patient_banner=False)

    assert _about(opened, answer)["banner"] is False
    assert opened.data(answer, "patient").json["patient"]["id"] == PATIENT


def test_epic_takes_a_secret_that_is_encoded(app_of: Any, server: Any) -> None:
    secret = {"auth_method": "client_secret_basic", "secret_ref": "secret"}
    opened = app_of({**by_secret(), "quirks": "epic"}, **_epic(server), **secret)

    assert _about(opened, opened.launch())["patient_id"] == PATIENT


def test_an_id_token_of_epics_issuer_is_refused_without_its_profile(app_of: Any) -> None:
    opened = app_of({**by_key(), "quirks": "epic"}, scopes_v2=V2)

    answer = opened.launch()

    assert answer.status_code == 403
    assert "another issuer signed it" in answer.get_data(as_text=True)


def test_oracle_has_short_tokens_of_another_issuer_and_opens_all_the_same(
    app_of: Any, server: Any
) -> None:
    opened = app_of({**by_key(), "quirks": "oracle"}, **_oracle(server))

    answer = opened.launch()

    assert _about(opened, answer)["patient_id"] == PATIENT
    assert opened.data(answer, "patient").json["patient"]["id"] == PATIENT


def test_a_standalone_launch_chooses_a_patient_at_the_sandbox(app_of: Any, server: Any) -> None:
    opened = app_of(by_key(), scopes_v2=V2)

    answer = opened.finish(opened.app.get("/standalone", query_string={"iss": server.base}))

    assert _about(opened, answer)["opened"] == "standalone"
    assert _about(opened, answer)["patient_id"] == PATIENT


def test_a_token_that_the_sandbox_revoked_ends_the_session(app_of: Any) -> None:
    opened = app_of(by_key(), scopes_v2=V2)
    answer = opened.launch()
    word = opened.data(answer, "session").json["csrf"]
    path = answer.headers["Location"]

    said = opened.app.post(f"{path}api/sign-out", headers={"X-CSRF-Token": word})

    assert said.json == {"revoked": True}
    assert opened.data(answer, "patient").status_code == 401


def test_a_token_that_has_expired_at_the_ehr_ends_the_session(app_of: Any) -> None:
    opened = app_of({**by_key(), "expired_tokens": True}, scopes_v2=V2)

    answer = opened.launch()

    assert answer.status_code == 303
    assert opened.data(answer, "patient").status_code == 401
