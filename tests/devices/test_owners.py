"""/v1/bindings: devices are bound to patients who exist, and waiting readings come back."""

from datetime import timedelta
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
    "expected_every": None,
    "zone": None,
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
        ({"expected_every": "1 day"}, 400, "expected_every"),
        ({"expected_every": "P0D"}, 400, "expected_every"),
        ({"expected_every": 86400}, 400, "expected_every"),
        ({"zone": 1}, 400, "zone"),
        ({"zone": "Europe/Atlantis"}, 404, "zone"),
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


@pytest.mark.parametrize(
    ("said", "told"),
    [("P1D", "P1D"), ("PT5M", "PT5M"), ("PT12H", "PT12H"), ("PT48H", "P2D"), ("PT120M", "PT2H")],
)
def test_how_often_a_reading_is_expected_is_kept_and_told(
    house: House, said: str, told: str
) -> None:
    web = create_app(house.deps()).test_client()

    answer = web.put("/v1/bindings", json={**ASKED, "expected_every": said, "zone": "Asia/Tokyo"})

    assert answer.json is not None
    assert answer.json["binding"] == {**BOUND, "expected_every": told, "zone": "Asia/Tokyo"}


def test_what_is_not_said_again_stays_and_null_takes_it_back(house: House) -> None:
    web = create_app(house.deps()).test_client()
    web.put("/v1/bindings", json={**ASKED, "expected_every": "PT12H", "zone": "Asia/Tokyo"})
    unit = house.bindings.search()[0].unit
    by_key = {name: value for name, value in ASKED.items() if name != "device"} | {"key": KEY}

    web.put("/v1/bindings", json={**by_key, "valid_to": "2026-03-01T00:00:00Z"})
    [ended] = house.bindings.search()
    web.put("/v1/bindings", json={**by_key, "expected_every": None, "zone": None})
    [reset] = house.bindings.search()

    assert (ended.unit, ended.every, ended.zone) == (unit, timedelta(hours=12), "Asia/Tokyo")
    assert (reset.unit, reset.every, reset.zone) == (KEY, None, "")


def test_the_device_of_a_user_is_known_where_its_source_tells_users_apart(house: House) -> None:
    web = create_app(house.deps()).test_client()
    for source, unit in (("ble-hub", "aa:bb"), ("withings", "aa:bb#2")):
        asked = {**ASKED, "source": source, "device": "aa:bb#2"}
        assert web.put("/v1/bindings", json=asked).status_code == 200
        key = DeviceKey(source, "device", "aa:bb#2").opaque
        assert house.bindings.search(key=key)[0].unit == DeviceKey(source, "device", unit).opaque


def test_who_binds_and_who_looks_is_kept(house: House) -> None:
    web = create_app(house.deps()).test_client()
    web.put("/v1/bindings", json=ASKED, headers={"X-Request-Id": "call-1"})
    web.put("/v1/bindings", json={**ASKED, "valid_to": "2026-03-01T00:00:00Z"})
    web.get("/v1/bindings")
    web.get("/v1/bindings?patient=p2")

    assert [(one.who, one.what, one.patient, one.key) for one in house.audit.rows] == [
        ("local", "bind", "p1", KEY),
        ("local", "bind-until", "p1", KEY),
        ("local", "read-bindings", "p1", ""),
        ("local", "read-bindings", "p2", ""),
    ]
    assert house.audit.rows[0].note == "request call-1"


def test_what_cannot_be_noted_is_neither_shown_nor_done(house: House) -> None:
    web = create_app(house.deps()).test_client()
    web.put("/v1/bindings", json=ASKED)
    house.audit.failure = Failure(Kind.UNAVAILABLE, "away")

    assert web.get("/v1/bindings").status_code == 503
    assert web.put("/v1/bindings", json={**ASKED, "device": "other"}).status_code == 503
    assert len(house.bindings.search()) == 1
