"""The demo asks as an EHR does, and waits only while something moves."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import responses
from rich.console import Console

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry.suite.demo import screen, waiting
from wherry.suite.demo.asking import ask, by_prefetch, by_reading
from wherry.suite.demo.comparison import Line
from wherry.suite.demo.expected import EXPECTED_OF_WORST
from wherry.suite.demo.roster import WORST
from wherry.suite.demo.web import Service

CDS, FHIR, HL7 = "http://cds.test", "http://ehr.test/fhir", "http://hl7.test"
CARD = {
    "summary": "NEWS2 17: high risk",
    "indicator": "critical",
    "detail": "| value | points |\n| --- | --- |\n| 27 /min | 3 |",
    "source": {"label": "Wherry"},
}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def cds() -> Iterator[Service]:
    service = Service("cds", CDS, token="made-up-secret")
    yield service
    service.close()


@pytest.fixture
def fhir() -> Iterator[Service]:
    service = Service("ehr", FHIR, token="made-up-token")
    yield service
    service.close()


@pytest.fixture
def hl7(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(waiting, "STEP_S", 0.0)
    service = Service("hl7", HL7)
    yield service
    service.close()


def stats(web: responses.RequestsMock, **counts: int) -> None:
    web.get(f"{HL7}/v1/inbox/stats", json={"counts": {"hl7": counts}, "oldest_waiting_s": 0})


def test_a_call_names_the_hook_the_patient_and_where_to_read(
    web: responses.RequestsMock, cds: Service
) -> None:
    call = web.post(f"{CDS}/cds-services/early-warning", json={"cards": [CARD]})

    cards = ask(cds, "early-warning", "p1", by_reading(FHIR, "made-up-token"))

    sent: dict[str, Any] = json.loads(call.calls[0].request.body or b"")
    assert cards == [CARD]
    assert call.calls[0].request.headers["Authorization"] == "Bearer made-up-secret"
    assert len(sent.pop("hookInstance")) == 36
    assert sent == {
        "hook": "patient-view",
        "context": {"userId": "Practitioner/wherry-demo", "patientId": "p1"},
        "fhirServer": FHIR,
        "fhirAuthorization": {
            "access_token": "made-up-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/Patient.rs patient/Observation.rs",
            "subject": "wherry-demo",
        },
    }


def test_prefetch_is_what_the_templates_of_the_service_ask_for(
    web: responses.RequestsMock, cds: Service, fhir: Service
) -> None:
    template = {"patient": "Patient/{{context.patientId}}"}
    offered = {"services": [{"id": "other"}, {"id": "early-warning", "prefetch": template}]}
    web.get(f"{CDS}/cds-services", json=offered)
    web.get(f"{FHIR}/Patient/p1", json={"resourceType": "Patient", "id": "p1"})

    assert by_prefetch(cds, fhir, "early-warning", "p1") == {
        "prefetch": {"patient": {"resourceType": "Patient", "id": "p1"}}
    }


@pytest.mark.parametrize(
    ("status", "body"), [(200, {"cards": []}), (503, {}), (500, {"text": "private"})]
)
def test_no_card_is_a_failure_that_repeats_nothing(
    web: responses.RequestsMock, cds: Service, status: int, body: dict[str, Any]
) -> None:
    web.post(f"{CDS}/cds-services/early-warning", json=body, status=status)

    with pytest.raises(Failure) as caught:
        ask(cds, "early-warning", "p1", {})

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "cds")
    assert "private" not in str(caught.value)


def test_a_service_that_is_away_is_named(web: responses.RequestsMock, cds: Service) -> None:
    with pytest.raises(Failure) as caught:
        cds.get("/cds-services")  # nothing is registered: the connection fails

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "cds")


def test_waiting_ends_when_nothing_is_left(web: responses.RequestsMock, hl7: Service) -> None:
    heard: list[int] = []
    stats(web, waiting=5, claimed=2, done=1)
    stats(web, waiting=0, claimed=2, done=6)
    stats(web, waiting=0, claimed=0, done=8)

    waiting.until_stored(hl7, dict.fromkeys(State, 0), progress=heard.append)

    assert heard == [7, 2, 0]


def test_messages_set_aside_meanwhile_are_told(web: responses.RequestsMock, hl7: Service) -> None:
    stats(web, done=8, aside=3)

    with pytest.raises(Failure) as caught:
        waiting.until_stored(
            hl7, {**dict.fromkeys(State, 0), State.ASIDE: 1}, progress=lambda left: None
        )

    assert (caught.value.kind, caught.value.at) == (Kind.UNPROCESSABLE, "hl7-worker")
    assert caught.value.detail.startswith("2 messages were set aside")


def test_a_standstill_is_told(
    web: responses.RequestsMock, hl7: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "STANDSTILL_S", -1.0)
    stats(web, waiting=4)

    with pytest.raises(Failure) as caught:
        waiting.until_stored(hl7, dict.fromkeys(State, 0), progress=lambda left: None)

    assert caught.value.detail == "4 messages wait and nothing moves"


def test_a_card_is_shown_with_all_that_it_says() -> None:
    console = Console(file=StringIO(), record=True, width=100)

    console.print(screen.answer("Ada Alder-Demo", [CARD], "http://ehr.test/chart/p1"))

    text = console.export_text()
    for part in ("Ada Alder-Demo", "NEWS2 17: high risk", "critical · Wherry", "27 /min"):
        assert part in text
    assert "http://ehr.test/chart/p1" in text


def test_the_end_names_the_charts_to_open() -> None:
    console = Console(file=StringIO(), record=True, width=80)

    charts = [(WORST, "Dexcom sensor", "http://ehr.test/chart/a-long-identifier-p1")]
    console.print(screen.ending(charts))

    assert [line.rstrip() for line in console.export_text().splitlines()] == [
        "Open the chart of Ada Alder-Demo, Dexcom sensor:",
        "  http://ehr.test/chart/a-long-identifier-p1",
    ]


@pytest.mark.parametrize(
    ("summary", "indicator", "met"),
    [
        ("Estimated risk of death in hospital 31 % (high); NEWS2 17 (high)", "critical", True),
        ("Estimated risk of death in hospital 31 % (high); NEWS2 17 (high)", "warning", False),
        ("NEWS2 17: high risk of deterioration", "critical", False),  # the model refused
        ("Estimated risk of death in hospital 31 % (high); NEWS2 7 (high)", "critical", False),
    ],
)
def test_the_worst_card_must_be_urgent_and_the_models(
    summary: str, indicator: str, met: bool
) -> None:
    assert EXPECTED_OF_WORST.met_by({"summary": summary, "indicator": indicator}) is met


def test_the_balance_names_what_is_missing() -> None:
    console = Console(file=StringIO(), record=True, width=100)

    console.print(screen.balance([Line("Observation", 1656, 1655, 2, 1)]))

    assert "2 lost, 1 too many" in console.export_text()
