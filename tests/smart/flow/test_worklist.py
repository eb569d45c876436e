"""The worklist: patients whom the person may see, by risk and change, and one of them opened."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind

_SCOPE = "openid user/Patient.rs user/RiskAssessment.rs user/Encounter.rs user/Observation.rs"


def _scored(id_: str, patient: str, at: str, tier: str, probability: float) -> dict[str, Any]:
    risk = {"coding": [{"code": tier}]}
    return {
        "resourceType": "RiskAssessment",
        "id": id_,
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": f"2026-03-01T{at}:00Z",
        "method": {"coding": [{"code": "icu"}]},
        "prediction": [{"qualitativeRisk": risk, "probabilityDecimal": probability}],
    }


@pytest.fixture
def listing(host: Any, ehr: Any) -> Any:
    """A browser with a worklist of three patients, and its path."""
    for id_ in ("p-1", "p-2", "p-3", "p-4"):
        host.fhir.put({"resourceType": "Patient", "id": id_, "name": [{"family": id_.upper()}]})
    host.fhir.put(_scored("r-1", "p-1", "09:00", "low", 0.02))
    host.fhir.put(_scored("r-2", "p-1", "11:00", "high", 0.41))
    host.fhir.put(_scored("r-3", "p-2", "10:00", "high", 0.62))
    host.fhir.put(_scored("r-4", "p-2", "11:00", "high", 0.55))
    host.fhir.put(_scored("r-5", "p-3", "11:00", "low", 0.01))
    place = [{"location": {"display": "Ward 3"}, "status": "active"}]
    about = {"status": "in-progress", "subject": {"reference": "Patient/p-1"}, "location": place}
    host.fhir.put({"resourceType": "Encounter", "id": "e-1", **about})
    ehr.answer = {"scope": _SCOPE, "patient": None}
    browser = host.browser()
    sent = host.follow(
        browser, "/standalone", iss="https://ehr.example.org/fhir", **{"for": "worklist"}
    )
    returned = browser.get(ehr.approve(sent.headers["Location"]))
    assert returned.status_code == 303, returned.get_data(as_text=True)
    return browser, returned.headers["Location"]


def _ids(listing: Any, query: str = "") -> list[str]:
    browser, path = listing
    return [
        each["patient_id"] for each in browser.get(f"{path}api/worklist{query}").json["patients"]
    ]


def test_patients_are_in_order_of_risk_and_nobody_without_a_score_is_there(listing: Any) -> None:
    assert _ids(listing) == ["p-2", "p-1", "p-3"]


def test_or_in_order_of_change_those_who_got_worse_first(listing: Any) -> None:
    assert _ids(listing, "?by=change") == ["p-1", "p-3", "p-2"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tier=high", ["p-2", "p-1"]),
        ("?change=up", ["p-1"]),
        ("?change=new", ["p-3"]),
        ("?unit=ward 3", ["p-1"]),
        ("?tier=low&change=down", []),
    ],
)
def test_the_list_is_filtered(listing: Any, query: str, found: list[str]) -> None:
    assert _ids(listing, query) == found


@pytest.mark.parametrize("query", ["?tier=worst", "?by=name", "?change=x", f"?unit={'x' * 101}"])
def test_a_filter_that_is_not_known_is_refused(listing: Any, query: str) -> None:
    browser, path = listing

    assert browser.get(f"{path}api/worklist{query}").status_code == 400


def test_a_row_says_how_the_score_stands_to_the_one_before(listing: Any) -> None:
    browser, path = listing
    row = browser.get(f"{path}api/worklist?change=up").json["patients"][0]

    assert (row["name"], row["place"]) == ("P-1", "Ward 3")
    score = row["scores"][0]
    assert (score["tier"], score["probability"], score["change"]) == ("high", "0.41", "up")
    assert (score["before"]["tier"], score["before"]["probability"]) == ("low", "0.02")


def test_names_that_cannot_be_read_are_said_to_be_missing(listing: Any, host: Any) -> None:
    search = host.fhir.search

    def failing(type_: str, params: Any, **more: Any) -> Any:
        if type_ == "Patient":
            raise Failure(Kind.UNAVAILABLE, "away")
        return search(type_, params, **more)

    host.fhir.search = failing
    browser, path = listing
    shown = browser.get(f"{path}api/worklist").json

    assert {each["name"] for each in shown["patients"]} == {"Name not known"}
    assert [each["part"] for each in shown["problems"]] == ["the names"]


def test_an_event_comes_when_the_list_changed_and_names_nobody(listing: Any, host: Any) -> None:
    browser, path = listing
    first = browser.get(f"{path}api/worklist/events")
    version = first.get_data(as_text=True).split("id: ")[1].split("\n")[0]
    same = browser.get(f"{path}api/worklist/events", headers={"Last-Event-ID": version})
    host.fhir.put(_scored("r-6", "p-3", "11:30", "high", 0.7))
    changed = browser.get(f"{path}api/worklist/events", headers={"Last-Event-ID": version})

    assert first.mimetype == "text/event-stream"
    assert same.get_data(as_text=True) == "retry: 15000\n\n"
    assert "event: worklist" in changed.get_data(as_text=True)
    assert "p-3" not in changed.get_data(as_text=True)


def test_no_patient_is_open_in_a_worklist(listing: Any) -> None:
    browser, path = listing

    assert browser.get(f"{path}api/session").json["patient_id"] is None
    assert browser.get(f"{path}api/summary").status_code == 404


def test_a_patient_of_the_list_is_opened_in_a_session_of_its_own(listing: Any, host: Any) -> None:
    browser, path = listing

    address = host.do(browser, path, "worklist/open", patient="p-2").json["address"]

    assert address != path
    assert browser.get(f"{address}api/patient").json["patient"]["name"] == "P-2"
    assert browser.get(f"{path}api/session").json["patient_id"] is None


@pytest.mark.parametrize(("patient", "status"), [("p-9", 404), ("", 400), ("../Patient/p-1", 400)])
def test_a_patient_whom_the_ehr_does_not_show_is_not_opened(
    listing: Any, host: Any, patient: str, status: int
) -> None:
    assert host.do(*listing, "worklist/open", patient=patient).status_code == status


def test_a_launch_about_one_patient_is_no_worklist(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)

    assert browser.get(f"{path}api/worklist").status_code == 403
    assert host.do(browser, path, "worklist/open", patient="p-2").status_code == 403
