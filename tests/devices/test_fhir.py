"""Readings become R4 that its own rules and another library accept; digits and offsets stay."""

import importlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.devices.harness import (
    NOW,
    SITE,
    TEMPLATES,
    as_received,
    data_point,
    getmeas,
    group,
    measure,
)

from wherry.codec import encode
from wherry.fhir.bundle import transaction
from wherry.fhir.check import problems
from wherry.resource import Reference, Resource
from wherry_devices.mapping.read import read
from wherry_devices.mapping.translate import Payload, entries
from wherry_devices.mapping.vitals import VITALS

SUBJECT: Reference = {"reference": "Patient/p1"}
PAYLOAD = Payload("0" * 64, NOW)

PRESSURE = {
    "systolic_blood_pressure": {"value": 128, "unit": "mmHg"},
    "diastolic_blood_pressure": {"value": 81, "unit": "mmHg"},
}
POINTS: list[tuple[str, dict[str, Any]]] = [
    ("blood-pressure", PRESSURE),
    ("blood-pressure", {"systolic_blood_pressure": {"value": 128, "unit": "mmHg"}}),
    ("heart-rate", {"heart_rate": {"value": Decimal("61.50"), "unit": "beats/min"}}),
    ("body-temperature", {"body_temperature": {"value": Decimal("98.60"), "unit": "F"}}),
    ("body-weight", {"body_weight": {"value": 150, "unit": "lb"}}),
    ("oxygen-saturation", {"oxygen_saturation": {"value": 71, "unit": "%"}}),
    ("respiratory-rate", {"respiratory_rate": {"value": 14, "unit": "breaths/min"}}),
    ("heart-rate", {"heart_rate": {"value": 51, "unit": "beats/min"}, "effective_time_frame": {
        "time_interval": {"start_date_time": "2026-03-01T22:00:00-05:00",
                          "end_date_time": "2026-03-02T06:00:00-05:00"}}}),
]  # fmt: skip
WITHINGS = getmeas(
    group(1, measure(10, 14300, -2), measure(9, 82), measure(11, 760, -1)),
    group(2, measure(1, 70530, -3), measure(54, 97), measure(71, 36650, -3), measure(73, 315, -1)),
    group(3, measure(1, 71, 0), attrib=2, deviceid=None),
    userid="4711",
)


def made(payload: Any, source: str) -> list[Resource]:
    batch = read(as_received(payload), TEMPLATES[source], site=SITE)
    told, withheld = entries(batch.readings, SUBJECT, TEMPLATES[source].template, PAYLOAD)
    assert (batch.withheld, withheld) == ((), [])
    assert problems(transaction(told)) == []
    return [entry["resource"] for entry in told]


def observations(payload: Any, source: str = "withings") -> list[Resource]:
    return [one for one in made(payload, source) if one["resourceType"] == "Observation"]


@pytest.mark.parametrize(
    ("payload", "source"),
    [(WITHINGS, "withings"), *((data_point(*point), "openmhealth") for point in POINTS)],
)
def test_what_is_made_is_valid_r4_and_read_by_another_library(payload: Any, source: str) -> None:
    for resource in made(payload, source):
        type_ = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{type_.lower()}"), type_)

        read_back = model.model_validate_json(encode(resource))

        assert problems(resource) == []
        assert json.loads(read_back.model_dump_json())["resourceType"] == type_


def test_a_blood_pressure_is_one_panel_and_the_pulse_is_apart() -> None:
    [panel, pulse] = observations(
        getmeas(group(1, measure(9, 82), measure(11, 76), measure(10, 143)))
    )

    assert panel["code"]["coding"][0]["code"] == "85354-9"
    assert [
        (part["code"]["coding"][0]["code"], part["valueQuantity"]["value"])
        for part in panel["component"]
    ] == [("8480-6", Decimal(143)), ("8462-4", Decimal(82))]
    assert pulse["code"]["coding"][0]["code"] == "8867-4"


def test_a_missing_half_of_a_panel_says_that_it_is_missing() -> None:
    [panel] = observations(data_point(*POINTS[1]), "openmhealth")

    diastolic = panel["component"][1]
    assert diastolic["code"]["coding"][0]["code"] == "8462-4"
    assert diastolic["dataAbsentReason"]["coding"][0]["code"] == "unknown"


def test_an_oxygen_saturation_has_both_codes_of_its_profile() -> None:
    [one] = observations(getmeas(group(1, measure(54, 97))))

    assert [coding["code"] for coding in one["code"]["coding"]] == ["2708-6", "59408-5"]


def test_digits_unit_and_offset_reach_the_json() -> None:
    [one] = observations(data_point(*POINTS[3]), "openmhealth")

    assert b'"value":98.60,' in encode(one)
    assert one["valueQuantity"] | {"value": 0} == {
        "value": 0,
        "unit": "F",
        "system": "http://unitsofmeasure.org",
        "code": "[degF]",
    }
    assert one["effectiveDateTime"] == "2026-03-01T09:00:00+01:00"
    assert one["device"] == {"display": "Demo App"}


def test_an_unusual_number_is_kept_and_marked() -> None:
    [one] = observations(getmeas(group(1, measure(11, 25))))

    assert [tag["code"] for tag in one["meta"]["tag"]] == ["assumed-offset", "suspect", "backfill"]


def test_an_interval_is_a_period() -> None:
    [one] = observations(data_point(*POINTS[7]), "openmhealth")

    assert one["effectivePeriod"] == {
        "start": "2026-03-01T22:00:00-05:00",
        "end": "2026-03-02T06:00:00-05:00",
    }


def test_the_same_measurement_twice_in_a_payload_is_stored_once() -> None:
    again = group(1, measure(11, 70), attrib=8)

    [one] = observations(getmeas(group(1, measure(11, 70)), again))

    assert one["valueQuantity"]["value"] == Decimal(70)


def test_of_two_versions_in_a_payload_the_newer_one_counts() -> None:
    newer = {**group(1, measure(11, 72)), "modified": group(1)["modified"] + 1}

    for groups in ((group(1, measure(11, 70)), newer), (newer, group(1, measure(11, 70)))):
        [one] = observations(getmeas(*groups))

        assert one["valueQuantity"]["value"] == Decimal(72)


def test_a_measurement_that_contradicts_itself_is_not_stored() -> None:
    payload = getmeas(
        group(1, measure(11, 70)), group(1, measure(11, 72)), group(2, measure(1, 70))
    )
    batch = read(as_received(payload), TEMPLATES["withings"], site=SITE)

    told, withheld = entries(batch.readings, SUBJECT, TEMPLATES["withings"].template, PAYLOAD)

    assert [one.reason for one in withheld] == ["contradictory"]
    assert [
        entry["resource"]["code"]["coding"][0]["code"]
        for entry in told
        if entry["resource"]["resourceType"] == "Observation"
    ] == ["29463-7"]


def test_another_envelope_or_another_day_makes_the_same_record() -> None:
    one, other = getmeas(group(1, measure(11, 70))), getmeas(group(1, measure(11, 70)), more=1)
    template = TEMPLATES["withings"]

    records = [
        entries(
            read(as_received(payload), template, site=SITE).readings,
            SUBJECT,
            template.template,
            Payload(digest, at),
        )[0][-1]["resource"]["id"]
        for payload, digest, at in (
            (one, "0" * 64, NOW),
            (other, "1" * 64, datetime(2026, 4, 1, tzinfo=UTC)),
        )
    ]

    assert records[0] == records[1]


def test_the_record_says_which_rules_made_it() -> None:
    *_, record = made(WITHINGS, "withings")

    who = record["agent"][1]["who"]["identifier"]["value"]
    assert who == f"withings 2 sha256:{TEMPLATES['withings'].template.digest}"
    assert record["entity"][0]["what"]["identifier"]["value"] == f"sha256:{'0' * 64}"


def test_no_kind_shares_its_code_with_another() -> None:
    codes = [vital.code for vital in VITALS.values()]

    assert len(set(codes)) == len(codes)
    assert VITALS["bp_diastolic"].code == "8462-4"
