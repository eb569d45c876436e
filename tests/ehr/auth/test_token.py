"""The token and revocation endpoints. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

import logging
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from structlog.testing import capture_logs
from tests.ehr.auth.apps import launched, public_app, refreshed
from tests.ehr.auth.driver import JWT_BEARER, OTHER, RSA, SCOPE

from wherry_ehr.auth.clients import hashed

SECRET = "made-up-client-secret-" + "s" * 30


def _claims(smart: Any, id_token: str) -> Any:
    keys = KeySet.import_key_set(smart.client.get("/auth/jwks").get_json())
    return jwt.decode(id_token, keys, algorithms=["RS256"])


def test_a_code_is_traded_for_a_token_with_its_context(smart: Any) -> None:
    """R73 to R78, R83 to R88, R91, R164, R168 to R171, R173."""
    answer = smart.exchange(smart.code())

    body = answer.get_json()
    secrets = {name: body.pop(name) for name in ("access_token", "id_token")}
    assert body == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCOPE,
        "patient": "p-1",
        "encounter": "e-1",
        "need_patient_banner": True,
        "smart_style_url": "http://localhost/auth/style-1.json",
        "tenant": "wherry-sandbox",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.mimetype == "application/json"
    assert len(secrets["access_token"]) >= 43
    assert "." not in secrets["access_token"]


def test_the_id_token_says_who_opened_the_app(smart: Any) -> None:
    """R198, R200, R202, R209, R210; OpenID Connect Core 2 and 3.1.3.7."""
    token = _claims(smart, smart.exchange(smart.code()).get_json()["id_token"])

    assert (token.header["alg"], token.header["typ"]) == ("RS256", "JWT")
    assert token.claims == {
        "iss": "http://localhost/fhir",
        "sub": "sandbox-clinician-1",
        "aud": "app",
        "iat": smart.clock.seconds,
        "exp": smart.clock.seconds + 300,
        "nonce": "nonce-1",
        "fhirUser": "http://localhost/fhir/Practitioner/sandbox-clinician-1",
    }


@pytest.mark.parametrize(
    ("scope", "has_token", "has_user"),
    [
        ("launch patient/Patient.rs", False, False),
        ("launch openid", True, False),
        ("launch openid fhirUser", True, True),
    ],
)
def test_identity_is_told_only_when_it_was_granted(
    smart: Any, scope: str, has_token: bool, has_user: bool
) -> None:
    """R200, R209."""
    body = smart.exchange(smart.code(scope=scope, nonce=None)).get_json()

    claims = _claims(smart, body["id_token"]).claims if "id_token" in body else {}
    assert (bool(claims), "fhirUser" in claims, "nonce" in claims) == (has_token, has_user, False)


def test_the_banner_is_needed_in_a_window_and_not_inside_the_chart(smart: Any) -> None:
    """R173: a boolean."""
    page = smart.client.get("/chart/p-1/app?client=app").get_data(as_text=True)
    inside = page.partition("launch=")[2].partition('"')[0]

    said = [
        smart.exchange(smart.code(launch=handle)).get_json()["need_patient_banner"]
        for handle in (smart.handle(), inside)
    ]

    assert said == [True, False]


def test_the_context_of_a_card_reaches_the_app(smart: Any) -> None:
    """Source: CDS Hooks 2.0, Link, appContext."""
    handle = smart.handle(app_context='{"card": "é"}')

    assert smart.exchange(smart.code(launch=handle)).get_json()["appContext"] == '{"card": "é"}'


def test_the_chart_may_name_other_resources_and_breaks_no_rule_about_them(smart: Any) -> None:
    """R172, R177, R178, R188."""
    good = '[{"reference": "DiagnosticReport/r-1"}]'
    handle = smart.handle(fhir_context=good)
    refused = [
        smart.client.post("/chart/p-1/launch", data={"client": "app", "fhir_context": bad})
        for bad in ("{", "{}", '[{"reference": "Patient/p-1"}]', '[{"role": "x"}]')
    ]

    body = smart.exchange(smart.code(launch=handle)).get_json()

    assert body["fhirContext"] == [{"reference": "DiagnosticReport/r-1"}]
    assert [one.status_code for one in refused] == [400] * 4


def test_without_an_encounter_there_is_none_in_the_context(smart: Any) -> None:
    """R171."""
    body = smart.exchange(smart.code(launch=smart.handle("p-2"))).get_json()

    assert ("encounter" in body, body["patient"]) == (False, "p-2")


def test_a_code_works_once_and_a_replay_ends_what_came_from_it(smart: Any) -> None:
    """R55, R58; RFC 6749, 4.1.2."""
    code = smart.code()
    token = smart.exchange(code).get_json()["access_token"]
    before = smart.fhir(token, "Patient/p-1").status_code

    again = smart.exchange(code)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert (before, smart.fhir(token, "Patient/p-1").status_code) == (200, 401)


def test_a_code_ends_after_a_minute(smart: Any) -> None:
    """R55, R58."""
    code, late = smart.code(), smart.code()
    smart.clock.go(seconds=59)
    in_time = smart.exchange(code)
    smart.clock.go(seconds=1)

    assert in_time.status_code == 200
    assert smart.exchange(late).get_json()["error"] == "invalid_grant"


def test_a_code_dies_with_the_session(smart: Any) -> None:
    code = smart.code()
    smart.client.post("/chart/_session/end")

    assert smart.exchange(code).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8105/other?a=b"}, "invalid_grant"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": 'not_a_"grant"'}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"client_assertion": None}, "invalid_client"),
        ({"client_assertion": ""}, "invalid_client"),
        ({"client_assertion_type": "made-up"}, "invalid_client"),
        ({"client_id": "second"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
)
def test_a_bad_token_request_is_refused_and_the_code_still_works(
    smart: Any, changes: dict[str, Any], error: str
) -> None:
    """R31, R64, R73, R251, R252, R337, R340; RFC 6749, 5.2."""
    code = smart.code()

    refused = (
        smart.exchange(changes.get("code", code), **changes)
        if "code" not in changes
        else (smart.exchange(**{**{"code": code}, **changes}))
    )

    assert (refused.status_code, refused.get_json()["error"]) == (400, error)
    assert refused.headers["Cache-Control"] == "no-store"
    assert smart.exchange(code).status_code == 200


def test_a_code_of_one_app_is_nothing_to_another(smart: Any) -> None:
    """R31, R64: the code is bound to the client."""
    code = smart.code()
    theirs = smart.assertion(key=OTHER, iss="second", sub="second")

    refused = smart.exchange(code, client_assertion=theirs)

    assert refused.get_json()["error"] == "invalid_grant"
    assert smart.exchange(code).status_code == 200


def test_rs384_and_es384_are_both_taken(smart: Any) -> None:
    """R308 to R310."""
    answer = smart.exchange(smart.code(), client_assertion=smart.assertion(key=RSA))

    assert answer.status_code == 200


def test_the_token_endpoint_takes_forms_only_and_no_parameter_twice(smart: Any) -> None:
    """R62; RFC 6749, 3.2."""
    form = {"grant_type": "authorization_code", "code": smart.code()}

    answers = [
        smart.client.post("/auth/token", json=form),
        smart.client.post("/auth/token?grant_type=authorization_code", data=form),
        smart.client.post(
            "/auth/token",
            data="grant_type=authorization_code&code=a&code=b",
            content_type="application/x-www-form-urlencoded",
        ),
    ]

    assert [(one.status_code, one.get_json()["error"]) for one in answers] == [
        (400, "invalid_request")
    ] * 3


def test_basic_authentication_is_refused(smart: Any) -> None:
    answer = smart.client.post(
        "/auth/token", data={"grant_type": "authorization_code"}, auth=("app", "secret")
    )

    assert answer.get_json()["error"] == "invalid_client"


def test_an_app_can_give_its_token_back(smart: Any) -> None:
    """RFC 7009, 2.1."""
    token = smart.token()
    form = {"token": token, "client_assertion_type": JWT_BEARER}

    answer = smart.client.post("/auth/revoke", data={**form, "client_assertion": smart.assertion()})

    assert answer.status_code == 200
    assert smart.fhir(token, "Patient/p-1").status_code == 401


def test_a_token_of_another_app_cannot_be_taken_away(smart: Any) -> None:
    """RFC 7009, 2.1."""
    token = smart.token()
    theirs = smart.assertion(key=OTHER, iss="second", sub="second")
    form = {"token": token, "client_assertion_type": JWT_BEARER, "client_assertion": theirs}

    refused = smart.client.post("/auth/revoke", data=form)
    nobody = smart.client.post("/auth/revoke", data={"token": token})

    assert (refused.status_code, nobody.get_json()["error"]) == (400, "invalid_client")
    assert smart.fhir(token, "Patient/p-1").status_code == 200


def test_no_secret_is_logged_or_kept_as_it_is(smart: Any, caplog: Any) -> None:
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        handle = smart.handle()
        code = smart.code(launch=handle)
        body = smart.exchange(code).get_json()
        page = public_app(smart, auth_method="client_secret_basic", secret_sha256=hashed(SECRET))
        smart.client.post("/auth/token", data={"code": "x"}, auth=(page.client_id, SECRET))
        client = public_app(smart, "offline")
        first = launched(smart, client, "launch patient/Patient.rs offline_access").get_json()
        second = refreshed(smart, client, first["refresh_token"]).get_json()
    with smart.deps.store.engine.connect() as connection:
        kept = "".join(connection.connection.dbapi_connection.iterdump())

    said = f"{logs}{caplog.text}"
    secrets = [handle, code, body["access_token"], body["id_token"], SECRET]
    secrets += [one[name] for one in (first, second) for name in ("access_token", "refresh_token")]
    assert not [secret for secret in secrets if secret in said or secret in kept]
    assert "v" * 40 not in said
    assert logging.getLogger("authlib").level == logging.INFO
