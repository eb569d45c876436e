"""What a device gateway must not get wrong: at least one test for each claim."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.devices.harness import NOW, SITE, TEMPLATES, House, as_received, getmeas, group, measure

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry.ports import State as Kept
from wherry.resource import Reference, Resource
from wherry_devices.app import create_app
from wherry_devices.connectors import decoded
from wherry_devices.mapping.freshness import Cause, Seen, State, fresh
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.translate import Payload, entries
from wherry_devices.template_files import parsed

SUBJECT: Reference = {"reference": "Patient/p1"}
TEMPLATE = """\
id: demo
version: "1"
title: A made-up source
items: "[@][]"
account: who
time: {iso: at}
codes:
  "*":
    - {kind: bp_systolic, number: sys, unit: "mm[Hg]"}
    - {kind: bp_diastolic, number: dia, unit: "mm[Hg]"}
"""


def readings(source: str, payload: Any, site: Site = SITE) -> tuple[Reading, ...]:
    return read(decoded(source, encode(payload)), TEMPLATES[source], site=site).readings


def resources(source: str, payload: Any, site: Site = SITE) -> list[Resource]:
    told, _ = entries(
        readings(source, payload, site), SUBJECT, TEMPLATES[source].template, Payload("0" * 64, NOW)
    )
    return [one["resource"] for one in told]


def sample(type_: str, value: Any, unit: str, **more: Any) -> dict[str, Any]:
    """A live sample of a phone; synthetic."""
    at = "2026-03-01T07:00:00-05:00"
    one = {"uuid": "u-1", "type": type_, "value": value, "unit": unit, "start": at, "end": at}
    one |= {"modifiedAt": at, "wasUserEntered": 0}
    return {"account": "somebody", "samples": [one | more]}


def frame(characteristic: str, value: str, **more: Any) -> dict[str, Any]:
    """A hub's report of one frame; synthetic."""
    one = {
        "characteristic": characteristic,
        "value_hex": value,
        "received_at": "2026-03-01T12:00:00Z",
        "peripheral": {"address": "aa:bb"},
        **more,
    }
    return {"hub": "hub-1", "frames": [one]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('bp_diastolic, number: dia, unit: "mm[Hg]"', '"8867-4", number: dia, unit: /min'),
        ("bp_diastolic, number: dia", "heart_rate, number: dia"),
        ('number: dia, unit: "mm[Hg]"', "number: dia, unit: /min"),
        ('number: dia, unit: "mm[Hg]"', "number: dia, unit: mmHg"),
    ],
)  # fmt: skip
def test_b1_a_part_with_another_code_or_unit_than_its_profile_allows_never_gets_in(
    old: str, new: str
) -> None:
    assert parsed(TEMPLATE, "demo.yaml").template.id == "demo"

    with pytest.raises(Failure):
        parsed(TEMPLATE.replace(old, new), "demo.yaml")


@pytest.mark.parametrize(
    ("type_", "value", "unit", "json"),
    [
        ("BodyMass", "154.30", "lb", b'"value":154.30,"unit":"lb"'),
        ("BodyTemperature", "98.60", "degF", b'"value":98.60,"unit":"degF"'),
        ("BloodGlucose", "5.50", "mmol/L", b'"value":5.50,"unit":"mmol/L"'),
        ("OxygenSaturation", "0.97", "%", b'"value":97,"unit":"%"'),
        ("OxygenSaturation", "0.970", "%", b'"value":97.0,"unit":"%"'),
        ("BodyMass", "11.25", "st", b'"value":71.4,"unit":"kg"'),
    ],
)
def test_b2_every_unit_reaches_fhir_with_its_digits(
    type_: str, value: str, unit: str, json: bytes
) -> None:
    payload = sample(f"HKQuantityTypeIdentifier{type_}", value, unit)

    [one] = [r for r in resources("healthkit", payload) if r["resourceType"] == "Observation"]

    assert json in encode(one)
    assert one["valueQuantity"]["system"] == "http://unitsofmeasure.org"


def test_b2_kilopascals_are_the_millimetres_that_they_are_to_a_tenth() -> None:
    payload = frame("2A35", "01 A0 F0 6A F0 7C F0")

    found = {one.kind: (one.value, one.said) for one in readings("ble-hub", payload)}

    assert found["bp_systolic"] == (Decimal("120.0"), Decimal("16.0"))
    exact = Decimal("16.0") * 1000 / Decimal("133.322387415")
    assert abs(exact - Decimal("120.0")) < Decimal("0.05")


def test_b3_an_offset_survives_and_an_assumed_one_says_so() -> None:
    kept = resources("healthkit", sample("HKQuantityTypeIdentifierBodyMass", 70, "kg"))[0]
    row = {"reading_id": 1, "patient_id": 7, "date_recorded": "2026-03-01T07:00:00", "spo2": 97}
    assumed = resources("smartmeter", {"data": [row]}, Site("America/New_York", NOW))[0]

    assert [one["effectiveDateTime"] for one in (kept, assumed)] == [
        "2026-03-01T07:00:00-05:00"
    ] * 2
    assert "tag" not in kept["meta"]
    assert [tag["code"] for tag in assumed["meta"]["tag"]] == ["assumed-offset"]


def test_b4_a_poisoned_payload_is_set_aside_and_the_next_one_is_not_kept_waiting(
    house: House,
) -> None:
    house.bind("cuff-1")
    poison = house.keep(b'{"body": {"measuregrps": "poison"}}')
    good = house.keep(getmeas(group(1, measure(11, 70))))

    house.work()

    assert house.ended(poison)[0] is Kept.ASIDE
    assert house.ended(poison)[1]
    assert house.ended(good) == (Kept.DONE, "")
    assert len(house.fhir.all("Observation")) == 1


def _deliveries() -> list[dict[str, Any]]:
    """A measurement, its correction, and that it never was; synthetic."""
    type_ = "HKQuantityTypeIdentifierBodyMass"
    gone = sample(type_, None, "kg", deletedAt="2026-03-01T09:00:00-05:00")
    return [
        sample(type_, 70, "kg"),
        sample(type_, 71, "kg", modifiedAt="2026-03-01T08:00:00-05:00"),
        gone,
    ]


@pytest.mark.parametrize("order", [*permutations([0, 1, 2]), (0, 0, 1, 1, 2, 2, 0, 1)])
def test_b5_in_any_order_and_however_often_a_deleted_record_ends_in_error(
    order: tuple[int, ...], house: House
) -> None:
    house.bind("somebody", kind="account", source="healthkit")
    payloads = _deliveries()

    for number in order:
        house.keep(payloads[number], "healthkit")
        house.work()

    [one] = house.fhir.all("Observation")
    assert one["status"] == "entered-in-error"
    assert "valueQuantity" not in one


def test_b5_a_correction_is_a_new_version_with_a_record_of_its_own(house: House) -> None:
    house.bind("somebody", kind="account", source="healthkit")
    for payload in _deliveries()[:2]:
        house.keep(payload, "healthkit")
        house.work()

    [one] = house.fhir.all("Observation")
    assert one["valueQuantity"]["value"] == 71
    assert len(house.fhir.versions["Observation", one["id"]]) == 2
    assert len(house.fhir.all("Provenance")) == 2


def test_b6_a_device_that_changes_hands_gives_each_reading_to_whose_it_was(house: House) -> None:
    changed = NOW - timedelta(days=1, hours=4) + timedelta(minutes=2)
    house.bind("cuff-1", "p1", until=changed)
    house.bind("cuff-1", "p2", since=changed)
    house.keep(getmeas(*(group(n, measure(11, 60 + n)) for n in range(4))))

    house.work()

    found = {
        one["valueQuantity"]["value"]: one["subject"]["reference"]
        for one in house.fhir.all("Observation")
    }
    assert len(found) == 4
    assert set(found.values()) == {"Patient/p1", "Patient/p2"}
    for one in house.fhir.all("Observation"):
        owner = "p1" if one["effectiveDateTime"] < _shown(changed) else "p2"
        assert one["subject"]["reference"] == f"Patient/{owner}"


def _shown(at: Any) -> str:
    return str((at + timedelta(hours=1)).replace(tzinfo=None).isoformat())


def test_b6_two_users_of_one_device_are_two_people(house: House) -> None:
    house.bind("aa:bb#1", "p1", source="ble-hub")
    house.bind("aa:bb#2", "p2", source="ble-hub")
    for user in ("01", "02"):
        value = f"0E B0 36 EA 07 03 01 07 1E {user} {user} E5 00 D6 06"
        report = {**frame("2A9D", value), "zone": "Europe/Berlin"}
        house.keep(report, "ble-hub")

    house.work()

    weights = [r for r in house.fhir.all("Observation") if "29463-7" in str(r["code"])]
    assert sorted(one["subject"]["reference"] for one in weights) == ["Patient/p1", "Patient/p2"]


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


@pytest.mark.parametrize(("value", "status", "comparator"), [(39, "low", "<"), (401, "high", ">")])
def test_b8_the_end_of_a_scale_is_a_comparator(value: int, status: str, comparator: str) -> None:
    record = {
        "recordId": "d-1",
        "systemTime": "2026-03-01T10:05:00Z",
        "displayTime": "2026-03-01T05:05:00-05:00",
        "transmitterId": "tx",
        "value": value,
        "status": status,
        "unit": "mg/dL",
    }
    [one] = readings("dexcom", {"recordType": "egv", "userId": "u", "records": [record]})

    assert one.comparator == comparator
    assert one.value == {"<": 40, ">": 400}[comparator]


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
