"""Who gave lasting access ends it. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from typing import Any

from tests.ehr.auth.apps import choosing, chosen, launched, public_app, refreshed

SCOPE = "launch patient/Patient.rs offline_access"


def _access(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="access" value="')[1:]]


def test_access_is_listed_in_plain_words_and_ended(smart: Any) -> None:
    """R101, R390."""
    client = public_app(smart)
    body = launched(smart, client, SCOPE).get_json()
    page = smart.client.get("/auth/manage").get_data(as_text=True)
    (access,) = _access(page)

    ended = smart.client.post("/auth/manage", data={"access": access})

    assert "A page" in page
    assert "read and search Patient of this patient" in page
    assert (ended.status_code, ended.location) == (303, "/auth/manage")
    assert smart.fhir(body["access_token"], "Patient/p-1").status_code == 401
    assert refreshed(smart, client, body["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert "No app has access" in smart.client.get("/auth/manage").get_data(as_text=True)


def test_nobody_ends_or_sees_what_another_gave(smart: Any) -> None:
    body = launched(smart, public_app(smart), SCOPE).get_json()
    (access,) = _access(smart.client.get("/auth/manage").get_data(as_text=True))
    other = smart.client.application.test_client()
    asked = other.get("/auth/manage").get_data(as_text=True)
    signed_in = other.post(
        "/chart/_session", data={"clinician": "sandbox-clinician-2", "to": "/auth/manage"}
    )

    refused = other.post("/auth/manage", data={"access": access})

    assert "Choose who you are" in asked
    assert signed_in.location == "/auth/manage"
    assert _access(other.get("/auth/manage").get_data(as_text=True)) == []
    assert refused.status_code == 404
    assert smart.fhir(body["access_token"], "Patient/p-1").status_code == 200


def test_a_form_of_another_page_ends_nothing(smart: Any) -> None:
    launched(smart, public_app(smart), SCOPE)
    (access,) = _access(smart.client.get("/auth/manage").get_data(as_text=True))

    answer = smart.client.post(
        "/auth/manage", data={"access": access}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403


def test_consent_says_where_lasting_access_is_ended(smart: Any) -> None:
    client = public_app(smart)
    for scope, says in (("patient/Patient.rs offline_access", True), ("patient/Patient.rs", False)):
        page = chosen(smart, choosing(smart, client, scope), patient="p-1")
        assert ("/auth/manage" in page.get_data(as_text=True)) is says
