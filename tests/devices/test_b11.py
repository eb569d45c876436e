"""B11: a missing upload has its cause, told through the API after the payloads went their way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.devices.claims import frame
from tests.devices.harness import NOW, House, getmeas, group, measure

from wherry_devices.app import create_app
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.reading import DeviceKey

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACCOUNT = DeviceKey("withings", "account", "4711").opaque


def later(house: House, span: timedelta) -> None:
    """Time goes by for everybody."""
    house.clock.at += span
    house.inbox.time_s += span.total_seconds()


def send(house: House, payload: Any, source: str) -> None:
    """A payload comes by HTTP, and the worker works it off."""
    answer = create_app(house.deps()).test_client().post(f"/v1/sources/{source}", json=payload)
    assert answer.status_code == 202
    house.work()


def at(house: House, behind: timedelta = timedelta()) -> str:
    return (house.clock.at - behind).isoformat()


def pressed(house: House, user: int = 1, **more: Any) -> dict[str, Any]:
    """A blood pressure of a cuff with two users, as a hub reports it now."""
    clocks = {"hub_clock": at(house), "device_clock": at(house)[:19], **more}
    now = datetime.fromisoformat(clocks["device_clock"])
    stamp = now.year.to_bytes(2, "little") + bytes([now.month, now.day, now.hour, now.minute, 0])
    value = f"1E 7B00 5800 6300 {stamp.hex()} 5000 {user:02X} 0000"
    return frame("2A35", value.replace(" ", ""), received_at=at(house), **clocks)


def weighed(house: House, **more: Any) -> dict[str, Any]:
    at_s = int(house.clock.at.timestamp())
    return getmeas(group(at_s, measure(1, 70), date=at_s, modified=at_s, **more), userid="4711")


def found(house: House, patient: str = "p1") -> dict[str, Any]:
    """The kind that is to be looked at first, of the only device of a patient."""
    answer = create_app(house.deps()).test_client().get(f"/v1/freshness?patient={patient}")
    assert answer.status_code == 200
    assert answer.json is not None
    [person] = answer.json["patients"]
    [device] = person["devices"]
    kind: dict[str, Any] = device["kinds"][0]
    assert (kind["state"], kind["cause"]) == (device["state"], device["cause"])
    return kind


def cuff(house: House) -> None:
    house.bind("aa:bb#1", source="ble-hub")


def account(house: House) -> None:
    house.bind("4711", kind="account")


def battery_low(house: House) -> None:
    cuff(house)
    send(house, {"hub": "hub-1", "heartbeat_every_s": 3600}, "ble-hub")
    send(house, pressed(house, battery=9), "ble-hub")
    later(house, 2 * DAY)
    send(house, {"hub": "hub-1", "heartbeat_every_s": 3600}, "ble-hub")


def hub_silent(house: House) -> None:
    cuff(house)
    send(house, {"hub": "hub-1", "heartbeat_every_s": 3600}, "ble-hub")
    send(house, pressed(house, battery=9), "ble-hub")
    later(house, 2 * DAY)


def mobile_network_weak(house: House) -> None:
    cuff(house)
    send(house, pressed(house), "ble-hub")
    send(house, {"hub": "hub-1", "heartbeat_every_s": 3600, "cellular_dbm": -111}, "ble-hub")
    later(house, 2 * DAY)


def vendor_away(house: House) -> None:
    account(house)
    send(house, weighed(house), "withings")
    later(house, 2 * DAY)
    house.standings.known[ACCOUNT] = Standing(False, True, NOW)


def consent_refused(house: House) -> None:
    account(house)
    send(house, weighed(house), "withings")
    later(house, 2 * DAY)
    house.standings.known[ACCOUNT] = Standing(True, False, NOW)


def many_silent(house: House) -> None:
    account(house)
    send(house, weighed(house), "withings")
    for number in range(4):
        house.bind(f"scale-{number}", "p2")
        send(house, weighed(house, deviceid=f"scale-{number}") | {"userid": None}, "withings")
    later(house, 2 * DAY)


def clock_adrift(house: House) -> None:
    cuff(house)
    wrong = (house.clock.at - 7 * HOUR).isoformat()[:19]
    send(house, pressed(house, device_clock=wrong), "ble-hub")
    later(house, 2 * DAY)


def time_to_come(house: House) -> None:
    account(house)
    send(house, weighed(house), "withings")
    later(house, 2 * DAY)
    ahead = int((house.clock.at + 700 * DAY).timestamp())
    send(house, getmeas(group(1, measure(1, 70), date=ahead), userid="4711"), "withings")


def another_user(house: House) -> None:
    cuff(house)
    send(house, pressed(house), "ble-hub")
    later(house, 2 * DAY)
    send(house, pressed(house, user=2), "ble-hub")


def unknown_user(house: House) -> None:
    cuff(house)
    send(house, pressed(house), "ble-hub")
    later(house, 2 * DAY)
    send(house, pressed(house, user=0xFF), "ble-hub")


def held_back(house: House) -> None:
    account(house)
    payload = weighed(house)
    later(house, 9 * HOUR)
    send(house, payload, "withings")
    later(house, 2 * DAY)


def nothing_told(house: House) -> None:
    account(house)
    send(house, weighed(house), "withings")
    later(house, 2 * DAY)


@pytest.mark.parametrize(
    ("happened", "cause", "ask", "what"),
    [
        (battery_low, "sensor", "patient", "battery-percent"),
        (hub_silent, "hub", "patient", "heartbeat-every-seconds"),
        (mobile_network_weak, "cellular", "patient", "cellular-dbm"),
        (vendor_away, "cloud", "nobody", "vendor-away"),
        (many_silent, "cloud", "nobody", "many-silent"),
        (consent_refused, "consent", "patient", "access-refused"),
        (clock_adrift, "clock", "staff", "drift-seconds"),
        (time_to_come, "clock", "staff", "time-to-come"),
        (another_user, "owner", "staff", "not-this-patient"),
        (unknown_user, "owner", "staff", "doubtful-owner"),
        (held_back, "delay", "staff", "lag-seconds"),
    ],
)
def test_b11_each_way_to_fall_silent_has_its_own_cause_through_the_api(
    house: House, happened: Callable[[House], None], cause: str, ask: str, what: str
) -> None:
    happened(house)

    kind = found(house)

    assert kind["state"] == "late"
    assert (kind["cause"], kind["ask"]) == (cause, ask)
    assert kind["evidence"][0]["what"] == what
    assert kind["advice"]


def test_b11_without_anything_told_the_cause_is_unknown_and_not_guessed(house: House) -> None:
    nothing_told(house)

    kind = found(house)

    assert (kind["state"], kind["cause"], kind["evidence"]) == ("late", "unknown", [])


def test_b11_the_same_payloads_again_and_a_binding_put_it_right(house: House) -> None:
    another_user(house)
    house.bind("aa:bb#2", "p2", source="ble-hub")
    house.sweep()
    house.work()

    assert found(house, "p2")["state"] == "on-track"
    assert found(house)["cause"] == "unknown"


def test_b11_a_device_that_never_sent_is_listed_as_never(house: House) -> None:
    cuff(house)

    kind = found(house)

    assert (kind["kind"], kind["state"], kind["age_s"]) == (None, "never", None)
    assert kind["ask"] == "patient"


def test_b11_a_silent_device_is_told_from_a_late_one(house: House) -> None:
    battery_low(house)
    later(house, 3 * DAY)

    assert found(house)["state"] == "silent"


def test_b11_days_with_a_reading_of_a_device_are_counted_where_the_person_lives(
    house: House,
) -> None:
    house.bind("4711", kind="account", zone="America/New_York")
    house.clock.at = datetime.fromisoformat("2026-03-01T04:30:00+00:00")  # 23:30 of the day before
    house.inbox.time_s = (
        house.clock.at - datetime.fromisoformat("2026-01-01T00:00Z")
    ).total_seconds()
    for _ in range(3):
        send(house, weighed(house), "withings")
        send(house, weighed(house), "withings")
        later(house, DAY)
    send(house, weighed(house, attrib=2), "withings")
    later(house, timedelta(hours=-20))

    answer = create_app(house.deps()).test_client().get("/v1/freshness?patient=p1")

    assert answer.json is not None
    [person] = answer.json["patients"]
    assert (person["zone"], person["zone_origin"]) == ("America/New_York", "binding")
    assert person["adherence"] == {
        "from": "2026-02-02",
        "to": "2026-03-03",
        "days": 3,
        "streak": 3,
        "bands": [
            {"from": 2, "to": 15, "within": True},
            {"from": 16, "to": 30, "within": False},
        ],
    }
    assert person["devices"][0]["adherence"] == person["adherence"]
    assert "no advice on billing" in answer.json["note"]
