"""Panels: each answers its own part about the session's patient, and fails by itself."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_smart.protocol.profiles import profiles

RISE = {
    "resourceType": "RiskAssessment",
    "id": "r-1",
    "status": "final",
    "subject": {"reference": "Patient/p-1"},
    "occurrenceDateTime": "2026-03-01T11:00:00Z",
    "method": {"coding": [{"code": "news2"}]},
    "prediction": [{"qualitativeRisk": {"coding": [{"code": "high"}]}}],
}
PULSE = {
    "resourceType": "Observation",
    "id": "o-1",
    "status": "final",
    "subject": {"reference": "Patient/p-1"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "valueQuantity": {"value": 126, "unit": "/min"},
}


@pytest.fixture
def opened(host: Any) -> Any:
    """Asks a panel of a session about p-1, who has a name, a pulse and a risen score."""
    host.fhir.put({"resourceType": "Patient", "id": "p-1", "name": [{"family": "Testperson"}]})
    host.fhir.put({**PULSE, "effectiveDateTime": "2026-03-01T11:30:00Z"})
    host.fhir.put({**PULSE, "id": "o-2", "effectiveDateTime": "2026-02-27T11:30:00Z"})
    host.fhir.put(RISE)
    browser = host.browser()
    path = host.open(browser)
    return lambda panel, **headers: browser.get(f"{path}api/{panel}", headers=headers)


@pytest.mark.parametrize(
    ("panel", "types"),
    [
        ("patient", {"Patient", "Encounter"}),
        ("trend", {"RiskAssessment", "Encounter"}),
        ("alerts", {"RiskAssessment"}),
        ("series", {"Observation", "Provenance"}),
    ],
)
def test_a_panel_reads_what_it_shows_and_no_more(
    opened: Any, host: Any, panel: str, types: set[str]
) -> None:
    asked: set[str] = set()
    search, read = host.fhir.search, host.fhir.read

    def searching(type_: str, params: Any, **more: Any) -> Any:
        asked.add(type_)
        return search(type_, params, **more)

    def reading(type_: str, id_: str) -> Any:
        asked.add(type_)
        return read(type_, id_)

    host.fhir.search, host.fhir.read = searching, reading
    opened(panel)

    assert asked == types


def test_the_session_says_whose_it_is_and_what_it_may(opened: Any) -> None:
    about = opened("session").json

    assert (about["patient_id"], about["person"]) == ("p-1", "Practitioner/u-1")
    assert about["may"] == {"order": True, "worklist": False}
    assert len(about["csrf"]) == 64


def test_a_series_is_cut_to_the_hours_that_are_asked_for(opened: Any) -> None:
    points = {
        hours: [
            point["value"]
            for row in opened(f"series?hours={hours}").json["series"]
            for point in row["points"]
        ]
        for hours in ("6", "all")
    }

    assert points == {"6": ["126"], "all": ["126", "126"]}
    assert opened("series?hours=5").status_code == 400


def test_inputs_name_age_and_source_and_what_is_missing(opened: Any, host: Any) -> None:
    used = {"name": "pulse", "label": "Pulse", "value": 126, "unit": "/min"}
    seen = {"observed_at": "2026-03-01T11:30:00Z", "age_s": 1800, "observation": "Observation/o-1"}
    host.scorer.answers["news2"] = {
        "model": "news2",
        "status": "scored",
        "inputs": [{**used, **seen, "quality": ["manual"]}],
        "missing": [{"name": "spo2", "label": "Oxygen saturation", "reason": "stale", "age_s": 90}],
    }

    rows = opened("scores").json["inputs"]

    told = [(row["name"], row["state"], row["age_s"], row["source"], row["reason"]) for row in rows]
    assert told == [("pulse", "used", 1800, 0, ""), ("spo2", "missing", 90, None, "stale")]


def test_a_rise_is_an_alert_until_somebody_takes_it(opened: Any) -> None:
    (alert,) = opened("alerts").json["alerts"]

    assert (alert["id"], alert["tier"], alert["state"]) == ("r-1", "high", "open")
    events = opened("trend").json["events"]
    assert [(each["kind"], each["text"]) for each in events] == [("rose", "news2 rose to high")]


def test_without_the_database_alerts_are_shown_and_the_gap_is_named(opened: Any, host: Any) -> None:
    host.deeds.failure = Failure(Kind.UNAVAILABLE, "the database is not available")

    shown = opened("alerts").json

    assert [each["state"] for each in shown["alerts"]] == ["open"]
    assert [each["part"] for each in shown["problems"]] == ["what was done about it"]
    assert opened("audit").status_code == 503


def test_without_the_cds_service_the_cards_are_said_to_be_missing(opened: Any, host: Any) -> None:
    host.cards.failure = Failure(Kind.UNAVAILABLE, "the CDS service did not answer")

    shown = opened("cards").json

    assert (shown["cards"], [each["part"] for each in shown["problems"]]) == ([], ["the cards"])


def test_who_uses_the_app_is_told_by_name_when_the_ehr_tells(opened: Any, host: Any) -> None:
    assert opened("person").json["problems"][0]["part"] == "who uses the app"

    host.fhir.put({"resourceType": "Practitioner", "id": "u-1", "name": [{"text": "Dr Test"}]})

    assert opened("person").json["name"] == "Dr Test"


@pytest.mark.parametrize("panel", ["session", "patient", "scores", "series", "audit", "models"])
def test_no_panel_answers_a_page_of_another_origin(opened: Any, panel: str) -> None:
    assert opened(panel, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("before", ["-1", "x", "9" * 30, "1.5", "²"])
def test_an_odd_place_in_the_audit_is_refused(opened: Any, before: str) -> None:
    assert opened(f"audit?before={before}").status_code == 400


def test_a_page_is_framed_by_the_ehr_of_its_session_alone(host: Any, with_deps: Any) -> None:
    framed = {**host.deps.frame_ancestors, "https://other.example/fhir": ("https://other.example",)}
    two = with_deps(frame_ancestors=framed)
    browser = two.browser()
    path = two.open(browser)

    policies = [
        browser.get(address).headers["Content-Security-Policy"] for address in (path, "/launch")
    ]
    assert ["https://other.example" in policy for policy in policies] == [False, True]


def test_of_several_ehrs_one_without_a_tenant_asks_for_no_cards(host: Any, with_deps: Any) -> None:
    listed = [{"iss": "https://ehr.example.org/fhir"}, {"iss": "https://other.example/fhir"}]
    two = with_deps(
        profiles=profiles(listed, client_id="wherry-smart", redirect=host.deps.here.redirect)
    )
    browser = two.browser()
    path = two.open(browser)

    shown = browser.get(f"{path}api/cards").json

    assert [each["part"] for each in shown["problems"]] == ["the cards"]
    assert host.cards.asked == []


def test_a_model_has_a_card_and_one_that_is_not_there_has_none(opened: Any) -> None:
    assert opened("models/news2/card").json == {"card": {"id": "news2"}}
    assert opened("models/made-up/card").status_code == 404
    assert opened("models/..%2f..%2fhealthz/card").status_code == 404


STYLE = "https://ehr.example.org/style/v1.json"


def test_the_ehrs_style_is_asked_for_once_and_what_is_unsafe_is_left_out(
    host: Any, ehr: Any
) -> None:
    ehr.answer = {"smart_style_url": STYLE}
    document = {"dim_font_size": "13px", "font_family_body": "x; } body { display: none"}
    ehr.web.add("GET", STYLE, json=document)
    browser = host.browser()
    path = host.open(browser)

    shown = [browser.get(f"{path}api/style").json["style"] for _ in range(2)]

    assert shown == [{"dim_font_size": "13px"}] * 2
    assert ehr.calls().count(STYLE) == 1


@pytest.mark.parametrize(
    "address", ["https://evil.example/x.json", "http://ehr.example.org/x.json"]
)
def test_a_style_from_elsewhere_is_not_fetched(host: Any, ehr: Any, address: str) -> None:
    ehr.answer = {"smart_style_url": address}
    browser = host.browser()
    path = host.open(browser)

    shown = browser.get(f"{path}api/style").json

    assert (shown["style"], shown["problems"][0]["part"]) == ({}, "the EHR's style")
    assert address not in ehr.calls()
