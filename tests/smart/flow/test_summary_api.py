"""GET api/summary: the session's patient, read with the session's token, whatever goes wrong."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind


def _about(patient: str) -> dict[str, Any]:
    return {"subject": {"reference": f"Patient/{patient}"}, "status": "final"}


def _pulse(id_: str, patient: str, value: int) -> dict[str, Any]:
    return {
        **_about(patient),
        "resourceType": "Observation",
        "id": id_,
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "effectiveDateTime": "2026-03-01T11:30:00Z",
        "valueQuantity": {"value": value, "unit": "/min"},
    }


@pytest.fixture
def opened(host: Any) -> Any:
    """A host whose EHR knows two patients, and a browser with a session about the first."""
    host.fhir.put({"resourceType": "Patient", "id": "p-1", "name": [{"family": "Testperson"}]})
    host.fhir.put({"resourceType": "Patient", "id": "p-2", "name": [{"family": "Other"}]})
    host.fhir.put(_pulse("o-1", "p-1", 126))
    host.fhir.put(_pulse("o-2", "p-2", 61))
    browser = host.browser()
    path = host.open(browser)
    return lambda query="", **headers: browser.get(f"{path}api/summary{query}", headers=headers)


def test_the_request_has_no_say_in_whom_it_is_about(opened: Any) -> None:
    shown = opened("?patient=p-2&patientId=p-2&launch=p-2").json

    assert shown["patient_id"] == shown["patient"]["id"] == "p-1"
    assert [point["value"] for row in shown["series"] for point in row["points"]] == ["126"]


def test_what_is_scored_is_about_that_patient_too(opened: Any, host: Any) -> None:
    shown = opened().json

    ((model, patient, resources),) = host.scorer.asked
    assert (model, patient) == ("news2", "p-1")
    assert [each["id"] for each in resources] == ["p-1", "o-1"]
    assert [(each["model"], each["score"]) for each in shown["scores"]] == [("news2", "7")]


def test_a_server_that_answers_with_somebody_else_is_not_believed(opened: Any, host: Any) -> None:
    real = host.fhir.search
    host.fhir.search = lambda type_, params, **more: real(
        type_, {**params, "patient": "p-2"}, **more
    )

    assert opened().json["series"] == []


def test_the_model_that_predicts_is_asked_first_and_news2_stands_beside(
    opened: Any, host: Any
) -> None:
    host.scorer.listed = [{"id": "icu-mortality-24h"}, {"id": "news2"}]

    assert [each["model"] for each in opened().json["scores"]] == ["icu-mortality-24h", "news2"]
    assert [asked[0] for asked in host.scorer.asked] == ["icu-mortality-24h", "news2"]


def test_news2_is_not_asked_again_when_it_came_beside(opened: Any, host: Any) -> None:
    host.scorer.listed = [{"id": "icu-mortality-24h"}, {"id": "news2"}]
    beside = {"model": "news2", "status": "scored", "score": 7}
    refused = {"status": "refused", "refusal": {"text": "too little is known", "missing": []}}
    host.scorer.answers["icu-mortality-24h"] = {
        "model": "icu-mortality-24h",
        **refused,
        "beside": beside,
    }

    shown = opened().json["scores"]

    assert [(each["model"], each["score"], each["refusal"]) for each in shown] == [
        ("icu-mortality-24h", None, "too little is known"),
        ("news2", "7", ""),
    ]
    assert len(host.scorer.asked) == 1


def test_without_the_risk_service_the_rest_is_shown(opened: Any, host: Any) -> None:
    host.scorer.failure = Failure(Kind.UNAVAILABLE, "the risk service did not answer")

    shown = opened().json

    assert shown["scores"] == []
    assert {"part": "the score", "text": "the risk service did not answer"} in shown["problems"]
    assert len(shown["series"]) == 1


def test_what_the_ehr_did_not_grant_is_named_and_not_asked_for(host: Any, ehr: Any) -> None:
    ehr.answer = {"scope": "launch openid patient/Patient.read patient/observation.rs"}
    host.fhir.put({"resourceType": "Patient", "id": "p-1"})
    browser = host.browser()

    shown = browser.get(f"{host.open(browser)}api/summary").json

    reason = "the EHR did not grant the permission to read it"
    assert shown["patient"]["id"] == "p-1"
    assert [each["part"] for each in shown["problems"] if each["text"] == reason] == [
        "earlier scores",
        "the stay",
        "the messages behind the values",
    ]


def test_a_part_that_fails_leaves_the_others_be(opened: Any, host: Any) -> None:
    host.fhir.failures = [Failure(Kind.UNCERTAIN, "late")]

    shown = opened().json

    assert shown["patient"] is None
    assert {"part": "the patient", "text": "the EHR did not answer in time"} in shown["problems"]
    assert len(shown["series"]) == 1
    assert shown["scores"] == []


def test_a_token_that_the_ehr_no_longer_takes_ends_the_session(opened: Any, host: Any) -> None:
    host.fhir.failures = [Failure(Kind.UNAUTHENTICATED, "the FHIR server answered 401")]

    answer = opened()

    assert answer.status_code == 401
    assert answer.json["issue"][0]["details"]["text"] == "this session has ended"


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)],
)
def test_a_page_of_another_origin_gets_nothing(opened: Any, site: str, status: int) -> None:
    assert opened(**{"Sec-Fetch-Site": site}).status_code == status
