"""What a device gateway must not get wrong, claims B1 to B6."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from tests.devices.claims import TEMPLATE, frame, readings, resources, sample
from tests.devices.harness import NOW, House, getmeas, group, measure

from wherry.codec import encode
from wherry.errors import Failure
from wherry.ports import State as Kept
from wherry_devices.mapping.instants import Site
from wherry_devices.template_files import parsed


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
