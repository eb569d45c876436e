"""Retry-After of a busy server: seconds or a date, an hour at most, and nonsense is nothing."""

import pytest
import responses

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.retry_after import wanted_pause_s
from wherry.errors import Failure, Kind
from wherry.resource import Bundle

BASE = "http://127.0.0.1:9/fhir"
DATE = "Mon, 05 Jan 2026 12:00:00 GMT"
TRANSACTION: Bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}


@pytest.mark.parametrize(
    ("status", "said", "wanted_s"),
    [
        (429, "7", 7.0),
        (503, " 120 ", 120.0),
        (503, "86400", 3600.0),
        (429, "Mon, 05 Jan 2026 12:00:30 GMT", 30.0),
        (429, "Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        (429, "Tue, 05 Jan 2027 12:00:00 GMT", 3600.0),
        (429, "soon", 0.0),
        (429, "-5", 0.0),
        (429, "1.5", 0.0),
        (429, "٣", 0.0),
        (429, "", 0.0),
        (500, "7", 0.0),
        (200, "7", 0.0),
    ],
)
def test_a_header_becomes_seconds(status: int, said: str, wanted_s: float) -> None:
    assert wanted_pause_s(status, {"Retry-After": said, "Date": DATE}) == wanted_s


@responses.activate
def test_a_server_that_wants_to_be_left_alone_is_not_asked_again_before_its_time() -> None:
    busy = responses.post(BASE, status=429, headers={"Retry-After": "60"})
    fhir = HttpFhir(BASE, session())

    failures = []
    for _ in range(3):
        with pytest.raises(Failure) as caught:
            fhir.send(TRANSACTION)
        failures.append(caught.value)

    assert busy.call_count == 1
    assert [failure.kind for failure in failures] == [Kind.UNAVAILABLE] * 3
    assert all(59.0 < failure.after_s <= 60.0 for failure in failures)


@responses.activate
def test_a_server_that_does_not_say_how_long_may_be_asked_at_once() -> None:
    busy = responses.post(BASE, status=503)
    fhir = HttpFhir(BASE, session())

    for _ in range(2):
        with pytest.raises(Failure):
            fhir.send(TRANSACTION)

    assert busy.call_count == 2
