"""The values of OBX-5 and the dates of single messages, each made for one rule."""

from typing import Any

import pytest

from hl7corpus.measure import Measure
from wherry.codec import decode, encode
from wherry.resource import Resource

OBX = "cdc-reportstream/mappinginventory/obx/OBX-to-Observation-{}.hl7"
DATES = "cdc-reportstream/mappinginventory/dtm/{0}/dtm-{1}-to-{0}.hl7"
OFFSET = "-05:00"  # MSH-7 of these messages has it, and it holds for times without one


def _resource(measure: Measure, name: str, type_: str) -> Resource:
    [found] = [
        resource
        for one in measure.translated
        if one.piece.source == name
        for resource in one.resources
        if resource["resourceType"] == type_
    ]
    return found


def _plain(value: Any) -> Any:
    """The value without units, systems and other additions: what was measured."""
    if isinstance(value, dict):
        kept = {"value", "comparator", "low", "high", "numerator", "denominator", "start", "end"}
        return {name: _plain(item) for name, item in value.items() if name in kept} or value
    return value


# Source: HL7 v2-to-FHIR, Segment OBX to Observation, rules by OBX-2
@pytest.mark.parametrize(
    ("name", "element", "value"),
    [
        ("nm-value", "valueQuantity", {"value": 5}),
        ("sn-as-quantity-value", "valueQuantity", {"value": 1, "comparator": ">"}),
        ("sn-as-range-value", "valueRange", {"low": {"value": 1}, "high": {"value": 3}}),
        *(
            (
                f"sn-as-ratio-value-{sign}",
                "valueRatio",
                {"numerator": {"value": 1}, "denominator": {"value": 3}},
            )
            for sign in ("colon", "division")
        ),
        ("nr-value", "valueRange", {"low": {"value": 1}, "high": {"value": 10}}),
        (
            "dr-value",
            "valuePeriod",
            {"start": "2023-05-01T10:25:31-04:00", "end": "2023-05-01T11:25:31-04:00"},
        ),
        ("dtm-value", "valueDateTime", "2023-05-01T10:25:31-04:00"),
        ("vr-value", "valueString", "First-Second"),
        ("ft-value", "valueString", "Some formatted value"),
        ("tx-value", "valueString", "Some formatted value"),
        ("st-value", "valueString", "Some value"),
        ("tm-value", "valueTime", "22:31:00"),
    ],
)
def test_a_value_is_of_the_kind_that_its_type_says(
    measure: Measure, name: str, element: str, value: Any
) -> None:
    observation = _resource(measure, OBX.format(name), "Observation")

    assert [one for one in observation if one.startswith("value")] == [element]
    assert _plain(decode(encode(observation[element]))) == value


@pytest.mark.parametrize(
    ("name", "code"), [("is-value", "Value"), ("ce-value", "1"), ("cwe-value", "1")]
)
def test_a_code_is_a_concept(measure: Measure, name: str, code: str) -> None:
    observation = _resource(measure, OBX.format(name), "Observation")

    assert [coding["code"] for coding in observation["valueCodeableConcept"]["coding"]] == [code]


def test_two_structured_parts_that_are_no_number_are_kept_as_text(measure: Measure) -> None:
    observation = _resource(measure, OBX.format("sn-as-string-value"), "Observation")

    assert observation["valueString"].replace(" ", "") == "-1+3"


# Source: HL7 table 0085; FHIR R4 data-absent-reason
@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("data-absent-n-value", "registered", "not-asked"),
        ("data-absent-x-value", "cancelled", "not-performed"),
        ("data-absent-st-but-empty-value", "final", "unknown"),
    ],
)
def test_a_result_without_a_value_says_why(
    measure: Measure, name: str, status: str, reason: str
) -> None:
    observation = _resource(measure, OBX.format(name), "Observation")

    assert observation["status"] == status
    assert [one["code"] for one in observation["dataAbsentReason"]["coding"]] == [reason]


# Source: HL7 v2.5.1 §2.A.22; FHIR R4 dateTime: with hours, also minutes, seconds and an offset
@pytest.mark.parametrize(
    ("precision", "date", "date_time"),
    [
        ("year-precision", "1970", "2023"),
        ("month-precision", "1970-10", "2023-11"),
        ("day-precision", "1970-10-31", "2023-11-02"),
        ("hour-precision", "1970-10-31", f"2023-11-02T11:00:00{OFFSET}"),
        ("minute-precision", "1970-10-31", f"2023-11-02T11:04:00{OFFSET}"),
        ("second-precision", "1970-10-31", f"2023-11-02T11:04:05{OFFSET}"),
        ("dsec-precision", "1970-10-31", f"2023-11-02T11:04:05.6{OFFSET}"),
        ("csec-precision", "1970-10-31", f"2023-11-02T11:04:05.67{OFFSET}"),
        ("msec-precision", "1970-10-31", f"2023-11-02T11:04:05.678{OFFSET}"),
        ("mmsec-precision", "1970-10-31", f"2023-11-02T11:04:05.6789{OFFSET}"),
        ("zero-year", None, None),
    ],
)
def test_a_date_and_a_time_keep_their_precision(
    measure: Measure, precision: str, date: str | None, date_time: str | None
) -> None:
    born = _resource(measure, DATES.format("date", precision), "Patient")
    died = _resource(measure, DATES.format("dateTime", precision), "Patient")

    assert born.get("birthDate") == date
    assert died.get("deceasedDateTime") == date_time
