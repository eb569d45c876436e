"""Standalone launches: sign-in, choice, consent. Ids are those of SMART App Launch 2.2 (Rnnn)."""

from typing import Any

import pytest
from tests.ehr.auth.apps import BACK, asked, choosing, chosen, public_app, traded
from tests.ehr.auth.driver import query

ALONE = "launch/patient patient/Patient.rs"


def test_a_patient_is_chosen_the_app_is_allowed_and_gets_its_token(smart: Any) -> None:
    """R27, R36, R164, R353, R363."""
    client = public_app(smart)
    page = choosing(smart, client, ALONE)

    listed = smart.client.get(page).get_data(as_text=True)
    consent = chosen(smart, page, patient="p-2").get_data(as_text=True)
    answer = chosen(smart, page, patient="p-2", decision="allow")

    assert 'value="p-1"' in listed
    assert "a development and test tool" in listed
    assert "A page asks to" in consent
    assert "read and search Patient of this patient" in consent
    assert answer.status_code == 303
    assert traded(smart, client, answer.location).get_json()["patient"] == "p-2"


def test_who_refuses_is_not_asked_again(smart: Any) -> None:
    """R54."""
    page = choosing(smart, public_app(smart), ALONE)

    refused, again = (chosen(smart, page, decision="deny") for _ in range(2))

    assert refused.location.startswith(f"{BACK}?error=access_denied")
    assert query(refused.location)["state"] == "state-1"
    assert (again.status_code, "Location" in again.headers) == (400, False)


def test_a_request_is_answered_once_and_ends_after_ten_minutes(smart: Any) -> None:
    client = public_app(smart)
    page, late = choosing(smart, client, ALONE), choosing(smart, client, ALONE)
    form = {"patient": "p-1", "decision": "allow"}

    first, second = (chosen(smart, page, **form) for _ in range(2))
    smart.clock.go(minutes=10)
    third = chosen(smart, late, **form)

    assert [one.status_code for one in (first, second, third)] == [303, 400, 400]


def test_somebody_who_is_not_signed_in_signs_in_first_and_comes_back(smart: Any) -> None:
    browser = smart.client.application.test_client()
    page = choosing(smart, public_app(smart), ALONE)

    asks_who = browser.get(page)
    not_yet = browser.post(
        "/auth/choose", data={"asked": query(page)["asked"], "decision": "allow"}
    )
    signed_in = browser.post(
        "/chart/_session", data={"clinician": "sandbox-clinician-2", "to": page}
    )

    assert "Choose who you are" in asks_who.get_data(as_text=True)
    assert (not_yet.status_code, not_yet.location) == (303, page)
    assert signed_in.location == page
    assert "Choose a patient" in browser.get(page).get_data(as_text=True)


@pytest.mark.parametrize(
    "form",
    [
        {"decision": "allow"},
        {"decision": "allow", "patient": "nobody"},
        {"decision": "allow", "patient": "p-2", "encounter": "e-1"},
        {"decision": "allow", "patient": "p-1", "encounter": "nothing"},
        {"decision": "allow", "patient": "../p-1"},
        {"patient": "nobody"},
    ],
)
def test_only_who_is_there_can_be_chosen(smart: Any, form: dict[str, str]) -> None:
    """R164: a code is never given for nobody."""
    page = choosing(smart, public_app(smart), f"{ALONE} launch/encounter")

    answer = chosen(smart, page, **form)

    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_the_search_is_by_name_and_leaves_no_trace_in_an_address(smart: Any) -> None:
    smart.put({"resourceType": "Patient", "id": "p-9", "name": [{"family": "Rarename"}]})
    page = choosing(smart, public_app(smart), ALONE)

    found = chosen(smart, page, q="rarename").get_data(as_text=True)
    none = chosen(smart, page, q="<script>").get_data(as_text=True)

    assert ('value="p-9"' in found, 'value="p-1"' in found) == (True, False)
    assert "No patient fits." in none
    assert "<script>" not in none


@pytest.mark.parametrize(
    ("signed_in", "error"), [(True, "interaction_required"), (False, "login_required")]
)
def test_who_may_not_ask_is_told_so(smart: Any, signed_in: bool, error: str) -> None:
    """OpenID Connect Core, 3.1.2.6 (prompt=none)."""
    browser = smart.client if signed_in else smart.client.application.test_client()
    request = asked(public_app(smart), ALONE, prompt="none")

    answer = browser.get("/auth/authorize", query_string=request)

    assert query(answer.location)["error"] == error


def test_a_form_of_another_page_is_refused(smart: Any) -> None:
    page = choosing(smart, public_app(smart), ALONE)
    form = {"asked": query(page)["asked"], "patient": "p-1", "decision": "allow"}

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert smart.client.post("/auth/choose", data=form, headers=headers).status_code == 403


def test_pages_are_kept_by_nobody_and_framed_by_nobody(smart: Any) -> None:
    answer = smart.client.get(choosing(smart, public_app(smart), ALONE))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_form_from_another_site_is_asked_again_as_a_page(smart: Any) -> None:
    """R49: browsers withhold the session's cookie from it, not from the page after it."""
    client = public_app(smart)
    handle = smart.handle(client=client.client_id)
    request = asked(client, "launch patient/Patient.rs", launch=handle)
    stranger = smart.client.application.test_client()

    sent = stranger.post("/auth/authorize", data=request, headers={"Sec-Fetch-Site": "cross-site"})
    followed = smart.client.get(sent.location.removeprefix("http://localhost"))

    assert sent.location.startswith("http://localhost/auth/authorize?")
    assert "code" in query(followed.location)


def test_the_pages_can_be_used_without_seeing_them(smart: Any) -> None:
    """One heading, headers of tables, names of controls. Source: WCAG 2.2, 1.3.1, 4.1.2."""
    page = choosing(smart, public_app(smart), f"{ALONE} launch/encounter offline_access")
    pages = [
        smart.client.get(page).get_data(as_text=True),
        chosen(smart, page, patient="p-1").get_data(as_text=True),
    ]

    for html in pages:
        assert '<html lang="en">' in html
        assert [html.count(f"<{tag}") for tag in ("h1", "main", "footer")] == [1, 1, 1]
        assert html.count("<th ") == html.count('<th scope="')
        controls = [part.partition(">")[0] for part in html.split("<input ")[1:]]
        shown = [one for one in controls if 'type="hidden"' not in one]
        assert html.count("<label") == len(shown)
        assert "<button></button>" not in html.replace(" ", "")
    assert 'value="e-1"> IMP' in pages[1]
