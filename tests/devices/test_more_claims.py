"""What a device gateway must not get wrong, claims B7 to B12."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.devices.claims import SUBJECT, frame, readings, resources
from tests.devices.harness import NOW, SITE, TEMPLATES, House, as_received, getmeas, group, measure

from wherry.codec import decode
from wherry.ports import State as Kept
from wherry_devices.app import create_app
from wherry_devices.mapping.freshness import Cause, Seen, State, fresh
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.translate import Payload, entries


def test_b7_a_blood_pressure_is_one_panel_and_its_pulse_is_linked_to_it() -> None:
    payload = getmeas(group(1, measure(9, 82), measure(11, 76), measure(10, 143)))
    told, _ = entries(
        read(as_received(payload), TEMPLATES["withings"], site=SITE).readings,
        SUBJECT,
        TEMPLATES["withings"].template,
        Payload("0" * 64, NOW),
    )
    [panel, pulse] = [one for one in told if one["resource"]["resourceType"] == "Observation"]

    assert len(panel["resource"]["component"]) == 2
    assert panel["resource"]["meta"]["profile"][1].endswith("self-measured-bp")
    assert pulse["resource"]["meta"]["profile"][1].endswith("smbp-associated-heart-rate")
    assert pulse["resource"]["derivedFrom"] == [{"reference": panel["fullUrl"]}]
    assert panel["resource"]["issued"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (frame("2A1C", "00 FF FF 7F 00"), "not-a-number"),
        (frame("2A1C", "00 FE FF 7F 00"), "positive-infinity"),
        (frame("2A1C", "00 02 00 80 00"), "negative-infinity"),
        (frame("2A1C", "00 00 00 80 00"), "error"),
        (frame("2A9D", "00 FF FF"), "error"),
        (frame("2A37", "00 FF"), "unknown"),
        (frame("2A37", "01 FF 01"), "unknown"),
        (frame("2A37", "00 00"), "unknown"),
    ],
)
def test_b8_what_stands_for_no_number_never_becomes_one(
    payload: dict[str, Any], reason: str
) -> None:
    [one] = [r for r in resources("ble-hub", payload) if r["resourceType"] == "Observation"]

    assert "valueQuantity" not in one
    assert one["dataAbsentReason"]["coding"][0]["code"] == reason


@pytest.mark.parametrize(
    ("value", "unit", "status", "end"),
    [
        ("39", "mg/dL", "low", "<40 mg/dL"),
        ("401", "mg/dL", "high", ">400 mg/dL"),
        ("2.1", "mmol/L", "low", "<2.2 mmol/L"),
        ("22.3", "mmol/L", "high", ">22.2 mmol/L"),
    ],
)
def test_b8_the_end_of_a_scale_is_a_comparator(
    value: str, unit: str, status: str, end: str
) -> None:
    record = {
        "recordId": "d-1",
        "systemTime": "2026-03-01T10:05:00Z",
        "displayTime": "2026-03-01T05:05:00-05:00",
        "transmitterId": "tx",
        "value": Decimal(value),
        "status": status,
        "unit": unit,
    }
    [one] = readings("dexcom", {"recordType": "egv", "userId": "u", "records": [record]})

    assert f"{one.comparator}{one.value} {one.ucum}" == end


def test_b9_a_demonstration_carries_htest_and_a_control_solution_is_nobodys() -> None:
    metric = {
        "metric": "spO2",
        "hwi_device_id": "h",
        "patient_id": "p",
        "value_1": "97",
        "timestamp": "2026-03-01T12:00:00Z",
        "timezone_offset": -300,
        "dummy_data": True,
    }
    [device, demo, _] = resources("tenovi", metric)
    control = frame("2A18", "02 03 00 EA 07 03 01 08 05 00 64 B0 4A")

    assert device["resourceType"] == "Device"
    assert [label["code"] for label in demo["meta"]["security"]] == ["HTEST"]
    assert "demo" in [tag["code"] for tag in demo["meta"]["tag"]]
    assert readings("ble-hub", control, Site("Europe/Berlin")) == ()


@pytest.mark.parametrize(
    ("type_", "kind"),
    [(1, "glucose_mass"), (3, "glucose_blood_mass"), (4, "glucose_plasma_mass"), (9, "cgm_mass")],
)
def test_a_meters_glucose_is_coded_by_what_it_was_measured_in(type_: int, kind: str) -> None:
    measured = frame("2A18", f"02 03 00 EA 07 03 01 08 05 00 64 B0 4{type_}")

    [one] = readings("ble-hub", measured, Site("Europe/Berlin"))

    assert f"{one.kind} {one.value}" == f"{kind} 100"


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        ({"access_refused": True, "battery": 3}, Cause.CONSENT),
        ({"vendor_down": True, "battery": 3}, Cause.CLOUD),
        ({"hub_at": NOW - timedelta(hours=3), "hub_every": timedelta(hours=1)}, Cause.HUB),
        ({"hub_at": NOW, "hub_every": timedelta(hours=1), "battery": 9}, Cause.SENSOR),
        ({"rssi_dbm": -95}, Cause.SENSOR),
        ({"drift": timedelta(minutes=-5)}, Cause.CLOCK),
        ({"received_at": NOW}, Cause.DELAY),
        ({}, Cause.UNKNOWN),
    ],
)
def test_b11_a_missing_upload_has_a_likely_cause(seen: dict[str, Any], cause: Cause) -> None:
    last = Seen(measured_at=NOW - timedelta(days=2), **seen)

    found = fresh(last, every=timedelta(days=1), now=NOW)

    assert (found.age, found.state, found.cause) == (timedelta(days=2), State.LATE, cause)


def test_b11_a_device_on_time_has_none_and_a_silent_one_is_told_from_a_late_one() -> None:
    day = timedelta(days=1)
    found = [
        fresh(Seen(measured_at=at, battery=3), every=day, now=NOW)
        for at in (NOW - day, NOW - 5 * day, None)
    ]

    assert [(one.state, one.cause) for one in found] == [
        (State.ON_TRACK, Cause.NONE),
        (State.SILENT, Cause.SENSOR),
        (State.NEVER, Cause.SENSOR),
    ]


def _client(house: House) -> FlaskClient:
    return create_app(house.deps()).test_client()


def test_b12_a_notice_of_a_vendor_that_does_not_sign_is_only_a_hint(house: House) -> None:
    body = b"userid=4711&appli=4&startdate=1772350000&enddate=1772350100"

    answer = _client(house).post(
        "/v1/sources/withings", data=body, content_type="application/x-www-form-urlencoded"
    )
    house.work()

    assert answer.status_code == 202
    assert house.ended(1) == (Kept.DONE, "")
    assert house.fhir.all("Observation") == []
    assert house.tally.counts() == {("withings", "notice-to-fetch"): 1}


def test_digits_of_any_payload_are_decimals_from_the_first_byte() -> None:
    payload = decode(b'{"value": 36.60}')

    assert str(payload["value"]) == "36.60"
