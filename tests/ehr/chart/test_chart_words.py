"""FHIR resources as the words of a page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry_ehr.chart.assessments import assessments, newest_by_patient
from wherry_ehr.chart.banner import Banner, banner
from wherry_ehr.chart.measurements import Row, latest
from wherry_ehr.chart.stay import Stay, current
from wherry_ehr.chart.words import age, came_from, concept, moment, quantity

TODAY = date(2026, 3, 1)
BY_API = "entered through the FHIR API"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=-1), "in the future"),
        (timedelta(seconds=59), "under 1 min ago"),
        (timedelta(minutes=119), "119 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 d ago"),
    ],
)
def test_an_age_is_said_in_the_unit_that_a_clinician_would_use(ago: timedelta, said: str) -> None:
    assert age((NOW - ago).isoformat(), NOW) == said


@pytest.mark.parametrize("value", ["2026-02-28", "2026", "2026-02-28T10:00", "soon", "", None])
def test_what_has_no_exact_time_has_no_age(value: str | None) -> None:
    assert age(value, NOW) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("urn:wherry:hl7:DEMO%20CLINIC:LAB#id", "HL7 feed, DEMO CLINIC, LAB"),
        ("urn:wherry:devices:withings#id", "Device readings, withings"),
        ("https://other.example/fhir", "https://other.example/fhir"),
        ("", "entered through the FHIR API"),
    ],
)
def test_where_a_resource_came_from_is_said_in_words(source: str, said: str) -> None:
    assert came_from({"meta": {"source": source}} if source else {}) == said


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"value": Decimal("98.60"), "unit": "bpm", "code": "{beats}/min"}, "98.60 /min"),
        ({"value": 120, "code": "mm[Hg]"}, "120 mmHg"),
        ({"value": Decimal("36.5"), "unit": "degrees", "code": "Cel"}, "36.5 °C"),
        ({"value": 97, "unit": "%", "code": "%"}, "97%"),
        ({"value": Decimal("0.010"), "unit": "ng/mL", "comparator": "<"}, "<0.010 ng/mL"),
        ({"value": 15}, "15"),
        ({"value": 14, "unit": "{score}", "code": "{score}"}, "14"),
        ({"unit": "mg"}, ""),
    ],
)
def test_a_quantity_keeps_its_digits(value: dict[str, Any], shown: str) -> None:
    assert quantity(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-03-01T11:30:59.123+01:00", "2026-03-01 11:30 +01:00"),
        ("2026-03-01T11:30:00Z", "2026-03-01 11:30 UTC"),
        ("2026-03-01T11:30:00+00:00", "2026-03-01 11:30 UTC"),
        ("2026-03", "2026-03"),
        (None, "not recorded"),
    ],
)
def test_a_time_keeps_its_offset(value: str | None, shown: str) -> None:
    assert moment(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"text": "Pulse", "coding": [{"display": "Heart rate", "code": "8867-4"}]}, "Pulse"),
        ({"coding": [{"code": "1"}, {"display": "Heart rate", "code": "8867-4"}]}, "Heart rate"),
        ({"coding": [{"code": "8867-4"}]}, "8867-4"),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_concept_is_said_in_the_best_words_it_has(
    value: dict[str, Any] | None, shown: str
) -> None:
    assert concept(value) == shown


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1951-03-01", "75 y"),
        ("1951-03-02", "74 y"),
        ("2026-02-20", "0 y"),
        ("2026-03-02", "age not known"),
        ("1951", "age not known"),
        ("1951-03", "age not known"),
        ("1951-13-45", "age not known"),
    ],
)
def test_an_age_is_given_only_when_it_is_exact(born: str, age: str) -> None:
    assert banner({"id": "p-1", "birthDate": born}, today=TODAY).age == age


def test_the_banner_prefers_the_usual_name_and_the_record_number() -> None:
    patient = {
        "id": "p-1",
        "name": [
            {"use": "old", "family": "Before"},
            {"use": "usual", "family": "Testperson", "given": ["Ada"]},
        ],
        "identifier": [
            {"value": "1", "type": {"text": "Visit"}},
            {"value": "77", "type": {"coding": [{"code": "MR"}]}},
        ],
        "gender": "female",
        "deceasedDateTime": "2026-02-28T10:00:00Z",
    }

    assert banner(patient, today=TODAY) == Banner(
        id="p-1",
        name="Testperson, Ada",
        born="not recorded",
        age="age not known",
        sex="female",
        identifier="MR 77",
        deceased="Deceased 2026-02-28",
    )


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], "Name not recorded"),
        ([{"use": "official"}], "Name not recorded"),
        ([{"text": "A. Testperson"}], "A. Testperson"),
        ([{"given": ["Ada"]}], "Ada"),
    ],
)
def test_a_name_is_made_of_what_there_is(names: list[dict[str, Any]], shown: str) -> None:
    assert banner({"id": "p-1", "name": names}, today=TODAY).name == shown


def _encounter(status: str, place: str, **period: str) -> dict[str, Any]:
    return {
        "id": f"e-{status}",
        "status": status,
        "class": {"code": "IMP", "display": "inpatient"},
        "period": period,
        "location": [
            {"status": "completed", "location": {"display": "Emergency"}},
            {"status": "active", "location": {"display": place}},
        ],
    }


def test_the_encounter_that_goes_on_comes_before_a_later_planned_one() -> None:
    planned = _encounter("planned", "Clinic", start="2026-04-01T08:00:00Z")
    running = _encounter("in-progress", "Ward 3", start="2026-02-27T08:00:00Z")

    assert current([planned, running]) == Stay(
        id="e-in-progress",
        kind="inpatient",
        status="in-progress",
        place="Ward 3",
        since="2026-02-27 08:00 UTC",
        until="",
    )


def test_without_one_that_goes_on_the_latest_is_shown() -> None:
    ended = _encounter("finished", "Ward 3", start="2026-02-01", end="2026-02-03T09:00:00Z")

    stay = current([_encounter("cancelled", "Ward 9", start="2026-02-20"), ended])

    assert stay is not None
    assert (stay.status, stay.until) == ("finished", "2026-02-03 09:00 UTC")
    assert current([]) is None


def _observation(**more: Any) -> dict[str, Any]:
    return {"status": "final", "code": {"text": "Thing"}, "effectiveDateTime": "2026-03-01", **more}


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ({"valueString": "clear"}, "clear"),
        ({"valueInteger": 0}, "0"),
        ({"valueBoolean": False}, "no"),
        ({"valueCodeableConcept": {"text": "Alert"}}, "Alert"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, "1 – 2"),
        ({"valueDateTime": "2026-03-01T08:00:00Z"}, "2026-03-01 08:00 UTC"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 64}}}, "1 : 64"),
        ({"dataAbsentReason": {"text": "Refused"}}, "no value: Refused"),
        ({}, "not recorded"),
    ],
)
def test_each_kind_of_value_is_shown(held: dict[str, Any], value: str) -> None:
    assert [row.value for row in latest([_observation(**held)], now=NOW)] == [value]


def test_components_are_rows_of_their_own_and_stay_in_order() -> None:
    pressure = _observation(
        component=[
            {"code": {"text": "Systolic"}, "valueQuantity": {"value": 120, "code": "mm[Hg]"}},
            {"code": {"text": "Diastolic"}, "valueQuantity": {"value": 80, "code": "mm[Hg]"}},
        ]
    )

    assert latest([pressure], now=NOW) == [
        Row("Systolic", "120 mmHg", "", "", "2026-03-01", "", BY_API, "final"),
        Row("Diastolic", "80 mmHg", "", "", "2026-03-01", "", BY_API, "final"),
    ]


def test_codes_are_told_apart_by_system_and_code_and_not_by_their_words() -> None:
    same = [
        _observation(code={"coding": [{"system": "s", "code": "1", "display": "New words"}]}),
        _observation(code={"coding": [{"system": "s", "code": "1", "display": "Old words"}]}),
        _observation(code={"coding": [{"system": "t", "code": "1", "display": "Another"}]}),
    ]

    assert [row.label for row in latest(same, now=NOW)] == ["Another", "New words"]


def test_an_older_panel_is_not_shown_beside_newer_values_of_what_it_holds() -> None:
    def loinc(code: str) -> dict[str, Any]:
        return {"coding": [{"system": "http://loinc.org", "code": code, "display": code}]}

    found = latest(
        [
            _observation(code=loinc("8480-6"), valueInteger=94),
            _observation(
                code=loinc("85354-9"),
                component=[
                    {"code": loinc("8480-6"), "valueInteger": 126},
                    {"code": loinc("8462-4"), "valueInteger": 78},
                ],
            ),
            _observation(code=loinc("8462-4"), valueInteger=80),
        ],
        now=NOW,
    )

    assert [(row.label, row.value) for row in found] == [("8480-6", "94"), ("8462-4", "78")]


@pytest.mark.parametrize(
    ("ranges", "shown"),
    [
        ([{"text": "negative"}], "negative"),
        ([{"low": {"value": Decimal("3.50")}}], "≥ 3.50"),
        ([{"high": {"value": 5}}], "≤ 5"),
        ([], ""),
    ],
)
def test_a_reference_range_may_have_one_end(ranges: list[dict[str, Any]], shown: str) -> None:
    assert latest([_observation(referenceRange=ranges)], now=NOW)[0].range == shown


def test_a_withdrawn_assessment_is_not_shown() -> None:
    wrong = {"status": "entered-in-error", "subject": {"reference": "Patient/p-1"}}
    right = {"status": "final", "subject": {"reference": "Patient/p-1"}}

    assert [row.status for row in assessments([wrong, right])] == ["final"]
    assert newest_by_patient([wrong, right])["p-1"].status == "final"


@pytest.mark.parametrize(
    ("said", "flag", "abnormal"),
    [
        ({"coding": [{"code": "H"}]}, "High", True),
        ({"coding": [{"code": "LL"}]}, "Critically low", True),
        ({"coding": [{"code": "N"}]}, "Normal", False),
        ({"text": "odd"}, "odd", True),
        ({}, "", False),
    ],
)
def test_a_flag_is_a_word_and_never_a_colour_alone(
    said: dict[str, Any], flag: str, abnormal: bool
) -> None:
    (row,) = latest([_observation(interpretation=[said], valueInteger=1)], now=NOW)

    assert (row.flag, row.is_abnormal) == (flag, abnormal)
