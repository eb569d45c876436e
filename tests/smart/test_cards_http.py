"""The CDS service over HTTP: what it is asked, and what becomes of a bad answer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses

from wherry.errors import Failure, Kind
from wherry_smart.cards_http import HttpCards
from wherry_smart.deps import About

BASE = "http://127.0.0.1:8104"
ADA = About("ward", "p-1", "Practitioner/u-1")
UNTIL = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock() as mock:
        yield mock


def test_cards_are_asked_for_by_tenant_patient_and_person_in_a_body(web: Any) -> None:
    web.add("POST", f"{BASE}/v1/cards", json={"decisions": []})

    assert HttpCards(BASE, token="made-up").cards(ADA) == []

    sent = web.calls[0].request
    assert json.loads(sent.body) == {
        "tenant": "ward",
        "patient": "p-1",
        "person": "Practitioner/u-1",
    }
    assert sent.headers["Authorization"] == "Bearer made-up"


def test_a_snooze_says_until_when_and_why(web: Any) -> None:
    web.add("POST", f"{BASE}/v1/snoozes", status=201, json={"snoozes": []})

    HttpCards(BASE).snooze(About("", "p-1", "u-1"), until=UNTIL, reason="treatment has begun")

    assert json.loads(web.calls[0].request.body) == {
        "patient": "p-1",
        "person": "u-1",
        "until": "2026-03-01T13:00:00+00:00",
        "reason": "treatment has begun",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 500},
        {"status": 503},
        {"body": "[]"},
        {"body": "<html>"},
        {"body": requests.ConnectionError()},
        {"body": requests.ReadTimeout()},
    ],
    ids=str,
)
def test_a_service_that_does_not_answer_well_is_never_no_cards(
    web: Any, answer: dict[str, Any]
) -> None:
    web.add("POST", f"{BASE}/v1/cards", **answer)

    with pytest.raises(Failure) as failure:
        HttpCards(BASE).cards(ADA)

    assert failure.value.kind is Kind.UNAVAILABLE
