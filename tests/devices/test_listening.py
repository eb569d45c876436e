"""What the worker hears of devices while it works payloads off."""

from typing import Any

import pytest
from tests.devices.claims import frame
from tests.devices.harness import NOW, House, getmeas, group, measure

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.mapping.heard import Told
from wherry_devices.mapping.reading import DeviceKey

UNIT = DeviceKey("ble-hub", "device", "aa:bb").opaque
HUB = DeviceKey("ble-hub", "gateway", "hub-1").opaque
PULSE = "00 46"


def told(house: House, key: str) -> dict[str, str]:
    return {name: one.value for name, one in house.seen.told([key]).get(key, {}).items()}


def test_a_payload_leaves_what_was_last_heard_of_each_kind(house: House) -> None:
    key = house.bind("cuff-1")
    house.keep(getmeas(group(1, measure(9, 82), measure(10, 143), measure(11, 70))))
    house.work()

    rows = house.seen.rows([key])

    assert [(row.patient, row.kind) for row in rows] == [("p1", "bp"), ("p1", "heart_rate")]
    assert house.seen.steps()["withings", "lag"].counts == {"604800": 3}


def test_what_nobody_owns_is_heard_of_without_a_patient(house: House) -> None:
    house.keep(getmeas(group(1, measure(11, 70))))
    house.work()
    key = DeviceKey("withings", "device", "cuff-1").opaque

    assert [row.patient for row in house.seen.rows([key])] == [""]
    house.bind("cuff-1")
    house.sweep()
    house.work()
    assert [row.patient for row in house.seen.rows([key])] == ["", "p1"]


def test_nothing_is_settled_before_it_was_written_down_what_was_heard(house: House) -> None:
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, measure(11, 70))))
    house.seen.failure = Failure(Kind.UNAVAILABLE, "away")

    with pytest.raises(Failure):
        house.work()

    assert house.message(id_).state is State.CLAIMED
    house.seen.failure = None
    house.inbox.time_s += 60
    house.work()
    assert house.ended(id_) == (State.DONE, "")
    assert len(house.seen.rows([DeviceKey("withings", "device", "cuff-1").opaque])) == 1


def test_a_frame_tells_of_battery_signal_clock_and_hub(house: House) -> None:
    house.keep(
        frame(
            "2A37",
            PULSE,
            battery=9,
            rssi=-95,
            device_clock="2026-03-01T11:55:00",
            hub_clock="2026-03-01T12:00:00Z",
        ),
        "ble-hub",
    )
    house.work()

    assert told(house, UNIT) == {
        "battery_percent": "9",
        "rssi_dbm": "-95",
        "drift_s": "-300.0",
        "gateway": HUB,
    }
    assert told(house, HUB) == {"heard": ""}
    assert house.seen.steps()["ble-hub", "clock"].counts == {"600": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"battery": 101},
        {"battery": "9"},
        {"battery": None},
        {"battery": True},
        {"rssi": -128},
        {"rssi": "weak"},
        {"device_clock": "2026-03-01T11:55:00"},
        {"device_clock": "yesterday", "hub_clock": "2026-03-01T12:00:00Z"},
        {"device_clock": "2026-03-01T11:55:00", "hub_clock": "2026-03-01T12:00:00"},
    ],
)
def test_what_is_out_of_range_or_of_another_shape_is_not_guessed(
    house: House, more: dict[str, Any]
) -> None:
    house.keep(frame("2A37", PULSE, **more), "ble-hub")
    house.work()

    assert set(told(house, UNIT)) <= {"gateway"}


def test_a_heartbeat_of_a_hub_is_no_reading_and_says_how_often_it_comes(house: House) -> None:
    beat = {"hub": "hub-1", "heartbeat_every_s": 3600, "cellular_dbm": -104, "battery": 80}
    id_ = house.keep(beat, "ble-hub")
    house.work()

    assert house.ended(id_) == (State.DONE, "")
    assert told(house, HUB) == {
        "heard": "",
        "heartbeat_every_s": "3600",
        "cellular_dbm": "-104",
        "battery_percent": "80",
    }
    assert house.seen.told([HUB])[HUB]["heard"] == Told(
        house.message(id_).received_at.timestamp(), ""
    )


def test_numbers_that_tenovi_sends_as_texts_are_read_and_its_signal_has_no_unit(
    house: House,
) -> None:
    about = {"hwi_device_id": "h-1", "hardware_uuid": "g-1", "timestamp": "2026-03-01T12:00:00Z"}
    for metric, value in (("battery_percentage", "12"), ("signal_strength", "28")):
        house.keep({**about, "metric": metric, "value_1": value, "timezone_offset": 0}, "tenovi")
    house.work()

    found = told(house, DeviceKey("tenovi", "device", "h-1").opaque)

    assert found["battery_percent"] == "12"
    assert found["signal"] == "28"
    assert "rssi_dbm" not in found


@pytest.mark.parametrize(("said", "kept"), [("low", "low"), ("medium", "medium"), ("12 %", None)])
def test_withings_tells_the_battery_in_words_and_they_stay_words(
    house: House, said: str, kept: str | None
) -> None:
    devices = [{"type": "Blood Pressure Monitor", "battery": said, "deviceid": "cuff-1"}]
    house.keep({"status": 0, "body": {"devices": devices}})
    house.work()

    found = told(house, DeviceKey("withings", "device", "cuff-1").opaque)

    assert found.get("battery_level") == kept
    assert "battery_percent" not in found


def test_a_doubtful_owner_and_a_time_to_come_are_noted_of_the_device(house: House) -> None:
    house.keep(getmeas(group(1, measure(11, 70), attrib=1)))
    ahead = int(NOW.timestamp()) + 86_400
    house.keep(getmeas(group(2, measure(11, 70), deviceid="scale-1", date=ahead)))
    house.work()

    assert told(house, DeviceKey("withings", "device", "cuff-1").opaque) == {"ambiguous-owner": ""}
    assert told(house, DeviceKey("withings", "device", "scale-1").opaque) == {"future-time": ""}
