"""Deeds: our own page alone, one click each, kept with who did it; drafts only after a look."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind

KEY = {"key": "click-0001"}
SNOOZE = {**KEY, "minutes": 60, "reason": "treatment has begun"}


@pytest.fixture
def opened(host: Any) -> Any:
    """A browser and the path of its session."""
    browser = host.browser()
    return browser, host.open(browser)


def _alert(host: Any, opened: Any) -> Any:
    browser, path = opened
    host.fhir.put(
        {
            "resourceType": "RiskAssessment",
            "id": "r-1",
            "status": "final",
            "subject": {"reference": "Patient/p-1"},
            "occurrenceDateTime": "2026-03-01T11:00:00Z",
            "prediction": [{"qualitativeRisk": {"coding": [{"code": "high"}]}}],
        }
    )
    return lambda: browser.get(f"{path}api/alerts").json["alerts"][0]


def test_an_alert_is_acknowledged_by_whoever_clicked(host: Any, opened: Any) -> None:
    alert = _alert(host, opened)

    answer = host.do(*opened, "alerts/r-1/acknowledge", **KEY, reason="seen at the bedside")

    assert answer.status_code == 201
    found = alert()
    assert found["state"] == "acknowledged"
    assert found["acknowledged"]["person"] == "Practitioner/u-1"
    assert found["acknowledged"]["reason"] == "seen at the bedside"


def test_the_same_click_sent_twice_is_one_deed(host: Any, opened: Any) -> None:
    first, second = (host.do(*opened, "notes", **KEY, note="made up") for _ in range(2))

    assert first.json == second.json
    assert [each.note for each in host.deeds.kept.values()].count("made up") == 1


def test_a_snooze_rests_the_alert_and_the_cards_until_its_time(
    host: Any, opened: Any, clock: Any
) -> None:
    alert = _alert(host, opened)

    answer = host.do(*opened, "alerts/r-1/snooze", **{**SNOOZE, "minutes": 10})

    assert answer.json["cards_held_back"] is True
    ((patient, until, reason, person),) = host.cards.snoozed
    assert (patient, reason, person) == ("p-1", "treatment has begun", "Practitioner/u-1")
    assert alert()["state"] == "snoozed"
    clock.at = until
    assert alert()["state"] == "open"


def test_a_snooze_that_the_cds_service_did_not_hear_says_so(host: Any, opened: Any) -> None:
    host.cards.failure = Failure(Kind.UNAVAILABLE, "the CDS service did not answer")

    answer = host.do(*opened, "alerts/r-1/snooze", **SNOOZE)

    assert (answer.status_code, answer.json["cards_held_back"]) == (201, False)


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("alerts/r-1/snooze", {**SNOOZE, "minutes": 4}),
        ("alerts/r-1/snooze", {**SNOOZE, "minutes": 1441}),
        ("alerts/r-1/snooze", {**SNOOZE, "minutes": True}),
        ("alerts/r-1/snooze", {**SNOOZE, "minutes": "60"}),
        ("alerts/r-1/snooze", {**SNOOZE, "reason": " "}),
        ("alerts/r-1/snooze", {**SNOOZE, "until": "2099-01-01"}),
        ("alerts/r-1/acknowledge", {"key": "short"}),
        ("alerts/r-1/acknowledge", {**KEY, "reason": "x" * 256}),
        ("notes", KEY),
        ("notes", {**KEY, "note": "\x00"}),
        ("notes", {**KEY, "note": ["x"]}),
        ("orders/preview", {**KEY, "order": "everything"}),
    ],
    ids=str,
)
def test_a_deed_that_is_not_right_is_refused_and_says_where(
    host: Any, opened: Any, deed: str, body: dict[str, Any]
) -> None:
    before = len(host.deeds.kept)

    answer = host.do(*opened, deed, **body)

    assert answer.status_code == 400
    assert answer.json["issue"][0]["expression"]
    assert len(host.deeds.kept) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "right", "Sec-Fetch-Site": "none"},
        {"X-CSRF-Token": "right", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "right", "Origin": "null"},
    ],
    ids=str,
)
@pytest.mark.parametrize("deed", ["notes", "orders", "sign-out", "alerts/r-1/snooze"])
def test_a_deed_of_another_page_is_refused(
    host: Any, opened: Any, deed: str, headers: dict[str, str]
) -> None:
    browser, path = opened
    word = browser.get(f"{path}api/session").json["csrf"]
    sent = {name: word if text == "right" else text for name, text in headers.items()}

    answer = browser.post(f"{path}api/{deed}", json=KEY, headers=sent)

    assert answer.status_code == 403
    assert browser.get(f"{path}api/session").status_code == 200


def test_the_word_of_one_session_does_nothing_in_another(host: Any) -> None:
    browser = host.browser()
    one, two = host.open(browser), host.open(browser)
    word = browser.get(f"{one}api/session").json["csrf"]

    answer = browser.post(f"{two}api/notes", json=KEY, headers={"X-CSRF-Token": word})

    assert answer.status_code == 403


def test_the_audit_says_who_did_what_newest_first(host: Any, opened: Any) -> None:
    browser, path = opened
    host.do(*opened, "alerts/r-1/acknowledge", **KEY)
    host.do(*opened, "notes", key="click-0002", note="made up")

    deeds = browser.get(f"{path}api/audit").json["deeds"]

    assert [each["what"] for each in deeds] == ["noted", "acknowledged", "opened"]
    assert {each["person"] for each in deeds} == {"Practitioner/u-1"}


def test_a_draft_is_written_once_after_a_look_and_a_click(host: Any, opened: Any) -> None:
    asked = {**KEY, "order": "lactate", "note": "made up"}
    seen = host.do(*opened, "orders/preview", **asked).json
    assert host.fhir.all("ServiceRequest") == []

    first, second = (host.do(*opened, "orders", **asked, confirm=seen["confirm"]) for _ in range(2))

    (made,) = host.fhir.all("ServiceRequest")
    assert (made["status"], made["intent"]) == ("draft", "proposal")
    assert (made["subject"], made["requester"]) == (
        {"reference": "Patient/p-1"},
        {"reference": "Practitioner/u-1"},
    )
    assert made["code"]["coding"][0]["code"] == "2524-7"
    assert first.json["deed"]["about"] == f"ServiceRequest/{made['id']}"
    assert first.json == second.json


@pytest.mark.parametrize(
    "change", [{"order": "review"}, {"note": "another"}, {"key": "click-0009"}]
)
def test_a_confirmation_is_of_exactly_what_was_seen(
    host: Any, opened: Any, change: dict[str, str]
) -> None:
    asked = {**KEY, "order": "lactate", "note": ""}
    word = host.do(*opened, "orders/preview", **asked).json["confirm"]

    answer = host.do(*opened, "orders", **{**asked, **change}, confirm=word)

    assert answer.status_code == 422
    assert host.fhir.all("ServiceRequest") == []


def test_without_the_scope_nothing_can_be_proposed(host: Any, ehr: Any) -> None:
    ehr.answer = {"scope": "launch patient/*.rs"}
    browser = host.browser()
    opened = browser, host.open(browser)

    assert browser.get(f"{opened[1]}api/orders").json == {"orders": []}
    assert host.do(*opened, "orders/preview", **KEY, order="lactate").status_code == 403


def test_a_draft_that_may_have_been_written_says_so_and_is_not_sent_again(
    host: Any, opened: Any
) -> None:
    asked = {**KEY, "order": "lactate"}
    word = host.do(*opened, "orders/preview", **asked).json["confirm"]
    host.fhir.failures = [Failure(Kind.UNCERTAIN, "late")]

    first = host.do(*opened, "orders", **asked, confirm=word)
    second = host.do(*opened, "orders", **asked, confirm=word)

    assert (first.status_code, second.status_code) == (504, 409)
    assert "look at the chart" in first.json["issue"][0]["details"]["text"]
    assert host.fhir.all("ServiceRequest") == []


def test_signing_out_ends_the_session_here_and_there(host: Any, ehr: Any) -> None:
    ehr.configuration["revocation_endpoint"] = "https://ehr.example.org/auth/revoke"
    ehr.answer = {"refresh_token": "made-up-refresh"}
    ehr.web.add("POST", "https://ehr.example.org/auth/revoke", json={})
    browser = host.browser()
    path = host.open(browser)

    answer = host.do(browser, path, "sign-out")

    told = [call.request.body for call in ehr.web.calls if call.request.url.endswith("/revoke")]
    assert answer.json == {"revoked": True}
    assert ["made-up-refresh" in body for body in told] == [True, False]
    assert all("client_assertion=" in body for body in told)
    assert browser.get(f"{path}api/session").status_code == 401
    assert list(host.redis.scan_iter()) == []


def test_signing_out_works_when_the_ehr_is_away(host: Any, ehr: Any) -> None:
    ehr.configuration["revocation_endpoint"] = "https://ehr.example.org/auth/revoke"
    browser = host.browser()
    path = host.open(browser)
    ehr.web.add("POST", "https://ehr.example.org/auth/revoke", status=503)

    assert host.do(browser, path, "sign-out").json == {"revoked": False}
    assert browser.get(f"{path}api/session").status_code == 401
