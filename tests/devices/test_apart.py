"""What belongs to one measurement and comes in payloads of its own ends together, in any order."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from tests.devices.claims import frame, readings
from tests.devices.harness import (
    NOW,
    TEMPLATES,
    House,
    data_point,
    getmeas,
    group,
    measure,
)

from wherry.fhir.check import problems
from wherry.ports import State
from wherry.resource import Resource
from wherry_devices.mapping.sighted import sightings
from wherry_devices.mapping.translate import Payload

CUFF, PULSE, STATUS = "85354-9", "8867-4", "8410608"
GLUCOSE = "41653-7"


def metric(name: str, value: str, other: str = "", **more: Any) -> dict[str, Any]:
    """A webhook of Tenovi; synthetic."""
    return {
        "metric": name,
        "hwi_device_id": "hwi-1",
        "patient_id": "demo-user",
        "value_1": value,
        "value_2": other,
        "timestamp": "2026-03-02T07:35:10Z",
        "timezone_offset": -300,
        **more,
    }


PRESSURE = metric("blood_pressure", "142", "88")
BEATS = metric("pulse", "76")
IRREGULAR = metric("irregular_heartbeat", "1")


def sent(house: House, source: str, payloads: Sequence[Any], *, together: bool) -> list[int]:
    """Deliver them one after the other, worked on one by one or all at once."""
    ids = []
    for payload in payloads:
        house.inbox.time_s += 1
        ids.append(house.keep(payload, source))
        if not together:
            house.work()
    house.work()
    return ids


def observed(house: House) -> dict[str, Resource]:
    """The Observations by their first code, each valid."""
    found = house.fhir.all("Observation")
    assert [problems(one) for one in found] == [[]] * len(found)
    by_code = {one["code"]["coding"][0]["code"]: one for one in found}
    assert len(by_code) == len(found)
    return by_code


def versions(house: House) -> dict[str, int]:
    return {
        id_: len(kept) for (type_, id_), kept in house.fhir.versions.items() if type_ != "Patient"
    }


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("order", [*permutations([PRESSURE, BEATS, IRREGULAR])])
def test_pressure_pulse_and_irregular_heartbeat_of_three_webhooks_are_linked(
    order: Sequence[Any], together: bool, house: House
) -> None:
    house.bind("hwi-1", source="tenovi")

    sent(house, "tenovi", order, together=together)

    found = observed(house)
    cuff = {"reference": f"Observation/{found[CUFF]['id']}"}
    assert found.keys() == {CUFF, PULSE, STATUS}
    assert found[PULSE]["derivedFrom"] == found[STATUS]["derivedFrom"] == [cuff]
    assert found[PULSE]["meta"]["profile"][1].endswith("/smbp-associated-heart-rate")
    assert found[STATUS]["component"][0]["code"]["coding"][0]["code"] == "8410608.2"


def test_webhooks_that_come_again_add_no_version(house: House) -> None:
    house.bind("hwi-1", source="tenovi")
    sent(house, "tenovi", [BEATS, PRESSURE, IRREGULAR], together=False)
    before = versions(house)

    again = [metric("pulse", "76", sent_again=True), PRESSURE, BEATS, IRREGULAR]
    ids = sent(house, "tenovi", again, together=False)

    assert versions(house) == before
    assert [house.ended(one) for one in ids] == [(State.DONE, "")] * 4


def test_a_pulse_that_is_corrected_stays_linked(house: House) -> None:
    house.bind("hwi-1", source="tenovi")

    sent(house, "tenovi", [PRESSURE, BEATS, metric("pulse", "78")], together=False)

    pulse = observed(house)[PULSE]
    assert pulse["valueQuantity"]["value"] == 78
    assert len(pulse["derivedFrom"]) == 1
    assert len(pulse["meta"]["profile"]) == 2


def counted(one: dict[str, Any], index: int, **more: Any) -> dict[str, Any]:
    """One of several measurements that a cuff kept under one time."""
    return one | {"filter_params": {"measurement_index": index}} | more


def test_several_measurements_of_one_time_are_told_apart_by_their_number(house: House) -> None:
    house.bind("hwi-1", source="tenovi")
    again = counted(PRESSURE, 1, value_1="139")
    payloads = [counted(BEATS, 1, value_1="81"), counted(PRESSURE, 0), BEATS, again, PRESSURE]

    sent(house, "tenovi", payloads, together=False)

    found = {one["id"]: one for one in house.fhir.all("Observation")}
    links = {
        one["valueQuantity"]["value"]: found[one["derivedFrom"][0]["reference"].split("/")[1]]
        for one in found.values()
        if "valueQuantity" in one
    }
    assert len(found) == 4
    assert {
        pulse: cuff["component"][0]["valueQuantity"]["value"] for pulse, cuff in links.items()
    } == {76: 142, 81: 139}


def test_a_pulse_without_a_pressure_belongs_to_none(house: House) -> None:
    house.bind("hwi-1", source="tenovi")

    later = metric("blood_pressure", "142", "88", timestamp="2026-03-02T07:45:10Z")
    sent(house, "tenovi", [BEATS, metric("spO2", "97"), later], together=False)

    pulse = observed(house)[PULSE]
    assert "derivedFrom" not in pulse
    assert pulse["meta"]["profile"] == ["http://hl7.org/fhir/StructureDefinition/heartrate"]


UPPER = {"systolic_blood_pressure": {"value": 128, "unit": "mmHg"}}
LOWER = {"diastolic_blood_pressure": {"value": 81, "unit": "mmHg"}}


def halves(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Two records of one measurement, each with one number."""
    points = [data_point("blood-pressure", body) for body in (UPPER, LOWER)]
    return [*points, *more]


def numbers(house: House) -> list[str]:
    """The components of the only panel, numbers or why there is none."""
    return [
        str(part["valueQuantity"]["value"])
        if "valueQuantity" in part
        else part["dataAbsentReason"]["coding"][0]["code"]
        for part in observed(house)[CUFF]["component"]
    ]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 1, 0), (1, 0, 1)])
def test_two_records_of_one_pressure_make_it_whole(
    order: Sequence[int], together: bool, house: House
) -> None:
    house.bind("user-1", kind="account", source="openmhealth")

    sent(house, "openmhealth", [halves()[one] for one in order], together=together)

    assert numbers(house) == ["128", "81"]


def test_half_a_pressure_is_published_at_once_and_upgraded_when_the_rest_comes(
    house: House,
) -> None:
    house.bind("user-1", kind="account", source="openmhealth")

    sent(house, "openmhealth", halves()[1:], together=False)
    first = numbers(house)
    sent(house, "openmhealth", halves(), together=False)

    assert (first, numbers(house)) == (["unknown", "81"], ["128", "81"])
    assert versions(house)[observed(house)[CUFF]["id"]] == 2


SEVEN = frame("2A18", "06 07 00 EA 07 03 02 07 05 00 38 C0 11")
SEVEN = SEVEN | {"zone": "Europe/Berlin"}
MEAL = frame("2A34", "02 07 00 03")
OTHER = frame("2A34", "02 08 00 01")


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    "payloads", [[SEVEN, MEAL], [MEAL, SEVEN], [MEAL, MEAL, SEVEN, SEVEN, MEAL]]
)
def test_a_meal_finds_its_glucose_by_the_sequence_number(
    payloads: Sequence[Any], together: bool, house: House
) -> None:
    house.bind("aa:bb", source="ble-hub")

    sent(house, "ble-hub", payloads, together=together)

    [one] = observed(house).values()
    assert one["valueQuantity"]["value"] == Decimal("5.6")
    assert one["effectiveDateTime"] == "2026-03-02T07:05:00+01:00"
    assert [part["valueCodeableConcept"]["text"] for part in one["component"]] == ["fasting"]
    assert [name["system"].rpartition(":")[2] for name in one["identifier"]] == [
        "reading",
        "sequence",
    ]


def test_a_meal_of_another_sequence_number_stands_alone_until_its_glucose_comes(
    house: House,
) -> None:
    house.bind("aa:bb", source="ble-hub")

    sent(house, "ble-hub", [SEVEN, OTHER], together=False)

    glucose, waiting = house.fhir.all("Observation")
    assert "component" not in glucose
    assert waiting["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert waiting["component"][0]["valueCodeableConcept"]["text"] == "before meal"


@pytest.mark.parametrize("together", [False, True])
def test_a_meal_whose_number_two_measurements_have_is_not_guessed(
    together: bool, house: House
) -> None:
    house.bind("aa:bb", source="ble-hub")
    again = frame("2A18", "06 07 00 EA 07 03 02 08 05 00 3A C0 11") | {"zone": "Europe/Berlin"}

    *_, meal = sent(house, "ble-hub", [SEVEN, again, MEAL], together=together)

    assert house.ended(meal)[0] is State.ASIDE
    assert [one["valueQuantity"]["value"] for one in house.fhir.all("Observation")] == [
        Decimal("5.6"),
        Decimal("5.8"),
    ]


def test_what_says_more_about_a_pressure_hides_no_duplicate_of_it() -> None:
    whole = readings("tenovi", [IRREGULAR, PRESSURE])
    alone = readings("tenovi", [PRESSURE])
    template, payload = TEMPLATES["tenovi"].template, Payload("0" * 64, NOW)

    found = [sightings(one, "p1", template, payload, b"secret") for one in (whole, alone)]

    assert found[0] == found[1]
    assert found[0][0].value_hash


@pytest.mark.parametrize("order", [*permutations([0, 1, 2]), (0, 2, 1, 0, 1, 2)])
def test_a_correction_that_is_taken_back_ends_with_the_first_number(
    order: Sequence[int], house: House
) -> None:
    house.bind("cuff-1")
    first = group(1, measure(10, 120), measure(9, 80), measure(11, 70))
    wrong = first | {"measures": [measure(10, 130), measure(9, 85), measure(11, 75)]}
    versions_ = [
        getmeas(one | {"modified": first["modified"] + 60 * number})
        for number, one in enumerate((first, wrong, first))
    ]

    sent(house, "withings", [versions_[number] for number in order], together=False)

    found = observed(house)
    assert found[PULSE]["valueQuantity"]["value"] == 70
    assert numbers(house) == ["120", "80"]


def test_a_number_that_is_corrected_is_not_doubtful_any_more(house: House) -> None:
    house.bind("cuff-1")
    wrong = group(1, measure(11, 225))
    right = {**wrong, "measures": [measure(11, 75)], "modified": wrong["modified"] + 60}

    sent(house, "withings", [getmeas(wrong), getmeas(right)], together=False)

    [one] = house.fhir.all("Observation")
    assert one["valueQuantity"]["value"] == 75
    assert "suspect" not in [tag["code"] for tag in one["meta"]["tag"]]
