"""Who may see a chart: a clinician who signed in, in this browser, by a form of the chart."""

from typing import Any

import pytest

NOBODY = {"Cookie": ""}


def _fresh(sandbox: Any) -> Any:
    return sandbox.client.application.test_client()


@pytest.mark.parametrize("path", ["/chart", "/chart/p-1", "/chart/p-1/app"])
def test_whoever_is_not_signed_in_is_asked_to_and_then_brought_back(
    sandbox: Any, made: Any, path: str
) -> None:
    sandbox.put(made.patient())
    browser = _fresh(sandbox)

    asked = browser.get(path)
    page = browser.get(asked.location).get_data(as_text=True)
    back = browser.post("/chart/_session", data={"clinician": "sandbox-clinician-2", "to": path})

    assert (asked.status_code, back.status_code, back.location) == (303, 303, path)
    assert f'value="{path}"' in page
    assert "made up" in page
    assert "Testperson" not in page


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/chart/../auth", "/chart//evil", "", "x"]
)
def test_signing_in_leads_nowhere_but_into_the_chart(sandbox: Any, to: str) -> None:
    data = {"clinician": "sandbox-clinician-1", "to": to}

    assert _fresh(sandbox).post("/chart/_session", data=data).location == "/chart"


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_gets(sandbox: Any) -> None:
    browser = _fresh(sandbox)

    answer = browser.post(
        "/chart/_session",
        data={"clinician": "sandbox-clinician-1"},
        headers={"Host": "127.0.0.1:8100"},
    )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("wherry_chart_8100=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_signing_in_makes_the_practitioner_that_fhir_user_names(sandbox: Any) -> None:
    answer = sandbox.client.get("/fhir/Practitioner/sandbox-clinician-1")

    assert answer.get_json()["name"][0]["family"] == "Sandboxer"


def test_signing_in_again_writes_nothing_new(sandbox: Any) -> None:
    sandbox.client.post("/chart/_session", data={"clinician": "sandbox-clinician-1"})

    answer = sandbox.client.get("/fhir/Practitioner/sandbox-clinician-1")

    assert answer.headers["ETag"] == 'W/"1"'


def test_signing_out_ends_the_session_for_everybody_who_kept_the_cookie(sandbox: Any) -> None:
    kept = sandbox.client.get_cookie("wherry_chart").value

    ended = sandbox.client.post("/chart/_session/end")
    thief = _fresh(sandbox)
    thief.set_cookie("wherry_chart", kept)

    assert (ended.status_code, ended.location) == (303, "/chart/_session")
    assert thief.get("/chart").status_code == 303


def test_a_clinician_who_does_not_exist_cannot_sign_in(sandbox: Any) -> None:
    answer = _fresh(sandbox).post("/chart/_session", data={"clinician": "admin"})

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),  # the app itself, on another port
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost:8105"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 303),
    ],
)
@pytest.mark.parametrize("path", ["/chart/_session", "/chart/p-1/launch"])
def test_forms_of_other_pages_do_nothing(
    sandbox: Any, made: Any, path: str, headers: dict[str, str], status: int
) -> None:
    sandbox.put(made.patient())
    data = {"clinician": "sandbox-clinician-1", "client": "wherry-smart"}

    assert sandbox.client.post(path, data=data, headers=headers).status_code == status


def test_every_page_names_who_is_signed_in(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    pages = [sandbox.page(path) for path in ("/chart", "/chart/p-1")]

    assert all("Ada Sandboxer, Physician" in page for page in pages)
