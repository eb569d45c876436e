"""/v1/bindings: devices are bound to patients who exist, and waiting readings come back."""

from typing import Any

import pytest
from tests.devices.harness import House, getmeas, group, measure

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.app import create_app
from wherry_devices.mapping.reading import DeviceKey

KEY = DeviceKey("withings", "device", "cuff-1").opaque
ASKED = {
    "source": "withings",
    "device": "cuff-1",
    "patient": "p1",
    "valid_from": "2026-01-01T00:00:00+01:00",
    "verified_by": "nurse 7",
}
BOUND = {
    "key": KEY,
    "source": "withings",
    "patient": "p1",
    "valid_from": "2025-12-31T23:00:00+00:00",
    "valid_to": None,
    "verified_by": "nurse 7",
}


def test_a_device_is_bound_and_its_readings_are_released(house: House) -> None:
    web = create_app(house.deps()).test_client()
    id_ = house.keep(getmeas(group(1, measure(11, 70))))
    house.work()

    answer = web.put("/v1/bindings", json=ASKED)

    assert (answer.status_code, answer.json) == (200, {"binding": BOUND, "released": 1})
    assert house.message(id_).state is State.WAITING
    assert "devices" in house.queue.tickets
    assert web.get("/v1/bindings?patient=p1").json == {"bindings": [BOUND]}
    assert web.get(f"/v1/bindings?key={KEY}").json == {"bindings": [BOUND]}
    assert web.get("/v1/bindings?patient=p2").json == {"bindings": []}


def test_the_key_that_the_inbox_shows_is_good_enough(house: House) -> None:
    web = create_app(house.deps()).test_client()
    asked = {**ASKED, "key": KEY}
    del asked["device"]

    assert web.put("/v1/bindings", json=asked).json == {"binding": BOUND, "released": 0}


@pytest.mark.parametrize(
    ("changed", "status", "at"),
    [
        ({"patient": "stranger"}, 404, "patient"),
        ({"patient": "../Patient"}, 400, "patient"),
        ({"source": "nobody"}, 404, "source"),
        ({"account": "4711"}, 400, "device"),
        ({"device": ""}, 400, "device"),
        ({"device": "x" * 256}, 400, "device"),
        ({"valid_from": "2026-01-01"}, 400, "valid_from"),
        ({"valid_from": "2026-01-01T00:00:00"}, 400, "valid_from"),
        ({"valid_from": "2026-01-01T00:00:60Z"}, 400, "valid_from"),
        ({"valid_from": None}, 400, "valid_from"),
        ({"valid_to": "2026-01-01T00:00:00+01:00"}, 409, "valid_to"),
        ({"verified_by": " "}, 400, "verified_by"),
        ({"extra": 1}, 400, "extra"),
    ],
)
def test_a_wrong_request_is_told_where(
    house: House, changed: dict[str, Any], status: int, at: str
) -> None:
    web = create_app(house.deps()).test_client()

    answer = web.put("/v1/bindings", json={**ASKED, **changed})

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == [at]
    assert house.bindings.search() == []


def test_a_device_of_somebody_else_is_not_taken(house: House) -> None:
    web = create_app(house.deps()).test_client()
    web.put("/v1/bindings", json=ASKED)

    answer = web.put("/v1/bindings", json={**ASKED, "patient": "p2"})

    assert answer.status_code == 409
    assert [one.patient for one in house.bindings.search()] == ["p1"]


def test_nothing_is_bound_while_nobody_can_say_who_the_patient_is(house: House) -> None:
    house.fhir.failures = [Failure(Kind.UNAVAILABLE, "away")]
    web = create_app(house.deps()).test_client()

    assert web.put("/v1/bindings", json=ASKED).status_code == 503
    assert house.bindings.search() == []


def test_nothing_is_bound_to_a_patient_who_was_deleted(house: House) -> None:
    web = create_app(house.deps()).test_client()
    entry: Any = {"request": {"method": "DELETE", "url": f"Patient/{ASKED['patient']}"}}
    house.fhir.send({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})

    answer = web.put("/v1/bindings", json=ASKED)

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == ["patient"]
