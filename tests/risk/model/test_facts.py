"""Which Observation an input is taken from, and why one is not taken."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry.errors import Failure
from wherry.resource import Resource
from wherry_risk.model.facts import Facts
from wherry_risk.model.reading import Reason

Known = Callable[..., Facts]


def quantity(value: object, unit: str = "/min", **more: Any) -> Resource:
    return {"value": value, "system": "http://unitsofmeasure.org", "code": unit, **more}


def pulse(make: Any, value: object = 70, unit: str = "/min", **more: Any) -> Resource:
    made = make.observation("8867-4", valueQuantity=quantity(value, unit), **more)
    assert isinstance(made, dict)
    return made


def test_the_newest_measurement_counts_and_keeps_where_it_came_from(
    make: Any, known: Known
) -> None:
    older, newer = pulse(make, 70, age_min=30), pulse(make, 88, age_min=5)

    found = known(make.patient(), newer, older)

    reading = found.used["pulse"]
    assert (reading.value, reading.unit, reading.sent_value, reading.sent_unit) == (
        *(Decimal(88), "/min", "88", "/min"),
    )
    assert (reading.reference, reading.age_s(found.at)) == ("Observation/o-8867-4-5", 300)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("100.4", "[degF]", "38"),
        ("36.60", "Cel", "36.60"),
        ("309.95", "K", "36.8"),
    ],
)
def test_temperatures_convert_and_keep_what_was_sent(
    value: str, unit: str, expected: str, make: Any, known: Known
) -> None:
    sent = make.observation("8310-5", valueQuantity=quantity(Decimal(value), unit))

    reading = known(make.patient(), sent).used["temperature"]

    assert (reading.value, reading.sent_value, reading.sent_unit) == (
        Decimal(expected),
        value,
        unit,
    )


def test_digits_are_kept(make: Any, known: Known) -> None:
    sent = make.vital("temperature", "36.60")

    assert str(known(make.patient(), sent).used["temperature"].value) == "36.60"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"valueQuantity": quantity(70, "mm[Hg]")}, Reason.UNIT),
        ({"valueQuantity": quantity(70, "furlong")}, Reason.UNIT),
        ({"valueQuantity": {"value": 70}}, Reason.UNIT),
        ({"valueQuantity": {"value": 70, "unit": "heartbeats"}}, Reason.UNIT),
        ({"valueInteger": 70}, Reason.UNIT),
        ({"valueQuantity": quantity("70")}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity("NaN")}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(Decimal("NaN"))}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(Decimal("Infinity"))}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(Decimal("1e999999"))}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(Decimal("1" * 30))}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(True)}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity([70])}, Reason.NOT_A_NUMBER),
        ({"valueString": "70"}, Reason.NOT_A_NUMBER),
        ({"valueString": "seventy"}, Reason.NOT_A_NUMBER),
        ({"valueCodeableConcept": {"text": "70"}}, Reason.NOT_A_NUMBER),
        ({"valueBoolean": True}, Reason.NOT_A_NUMBER),
        ({"valueQuantity": quantity(70, comparator="<")}, Reason.COMPARATOR),
        ({"valueQuantity": quantity(19)}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": quantity(301)}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": quantity(-70)}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": quantity(0)}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": {}}, Reason.NO_VALUE),
        ({}, Reason.NO_VALUE),
        ({"dataAbsentReason": {"text": "not taken"}}, Reason.NO_VALUE),
        ({"valueQuantity": quantity(70), "status": "preliminary"}, Reason.NOT_FINAL),
        ({"valueQuantity": quantity(70), "status": "registered"}, Reason.NOT_FINAL),
        ({"valueQuantity": quantity(70), "status": "entered-in-error"}, Reason.NOT_FOUND),
        ({"valueQuantity": quantity(70), "status": "cancelled"}, Reason.NOT_FOUND),
        ({"valueQuantity": quantity(70), "effectiveDateTime": ""}, Reason.NO_TIME),
        ({"valueQuantity": quantity(70), "effectiveDateTime": "2026-03-01"}, Reason.NO_TIME),
        ({"valueQuantity": quantity(70), "effectiveDateTime": "yesterday"}, Reason.NO_TIME),
        (
            {"valueQuantity": quantity(70), "effectiveDateTime": "2026-03-01T11:50:00"},
            Reason.NO_TIME,
        ),
        (
            {"valueQuantity": quantity(70), "effectiveDateTime": "2026-02-30T11:50:00Z"},
            Reason.NO_TIME,
        ),
        (
            {"valueQuantity": quantity(70), "effectiveDateTime": "2026-03-01T12:05:01Z"},
            Reason.FUTURE,
        ),
    ],
)
def test_what_cannot_be_used_is_missing_with_its_reason(
    value: Resource, reason: Reason, make: Any, known: Known
) -> None:
    found = known(make.patient(), make.observation("8867-4", **value))

    assert "pulse" not in found.used
    assert found.missing["pulse"].reason is reason


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_results_that_stand_are_used(status: str, make: Any, known: Known) -> None:
    assert known(make.patient(), pulse(make, status=status)).used["pulse"].value == 70


def test_a_clock_that_is_a_little_fast_is_believed(make: Any, known: Known) -> None:
    found = known(make.patient(), pulse(make, age_min=-5))

    assert found.used["pulse"].age_s(found.at) == 0


@pytest.mark.parametrize(
    "newer",
    [
        {"valueQuantity": quantity(180, "furlong")},
        {"valueString": "see note"},
        {"valueQuantity": quantity(5)},
    ],
)
def test_an_older_value_never_stands_in_for_a_newer_one_that_cannot_be_read(
    newer: Resource, make: Any, known: Known
) -> None:
    found = known(
        make.patient(), pulse(make, age_min=30), make.observation("8867-4", age_min=5, **newer)
    )

    assert "pulse" not in found.used


@pytest.mark.parametrize(
    "newer",
    [
        {"valueQuantity": quantity(180), "status": "entered-in-error"},
        {"valueQuantity": quantity(180), "status": "cancelled"},
        {"dataAbsentReason": {"text": "not taken"}},
        {"valueQuantity": quantity(180), "effectiveDateTime": "2026-03-02T12:00:00Z"},
    ],
)
def test_what_was_no_measurement_leaves_the_one_before_it(
    newer: Resource, make: Any, known: Known
) -> None:
    found = known(
        make.patient(), pulse(make, age_min=30), make.observation("8867-4", age_min=5, **newer)
    )

    assert found.used["pulse"].value == 70


@pytest.mark.parametrize(("age_min", "used"), [(239, True), (240, True), (241, False)])
def test_a_vital_sign_goes_stale_after_four_hours(
    age_min: int, used: bool, make: Any, known: Known
) -> None:
    found = known(make.patient(), pulse(make, age_min=age_min))

    assert ("pulse" in found.used) is used
    assert used or (found.missing["pulse"].reason, found.missing["pulse"].age_s) == (
        *(Reason.STALE, age_min * 60),
    )


@pytest.mark.parametrize(("apart_min", "used"), [(60, True), (61, False)])
def test_values_of_one_set_lie_within_an_hour(
    apart_min: int, used: bool, make: Any, known: Known
) -> None:
    found = known(
        make.patient(),
        pulse(make, age_min=5),
        make.vital("temperature", age_min=5 + apart_min),
        make.air(age_min=5 + 600),
    )

    assert ("temperature" in found.used) is used
    assert found.used["supplemental-oxygen"].value == "air"


def test_blood_pressure_is_read_out_of_its_panel(make: Any, known: Known) -> None:
    panel = make.observation(
        "85354-9",
        component=[
            {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": q}
            for code, q in [
                ("8462-4", quantity(60, "mm[Hg]")),
                ("8480-6", quantity(Decimal("16.0"), "kPa")),
            ]
        ],
    )

    reading = known(make.patient(), panel).used["systolic-bp"]

    assert Decimal(reading.value).quantize(Decimal(1)) == 120
    assert reading.reference == "Observation/o-85354-9-10"


def test_the_preferred_code_wins_at_the_same_moment(make: Any, known: Known) -> None:
    gas = make.observation("2708-6", valueQuantity=quantity(90, "%"))
    oximeter = make.observation("59408-5", valueQuantity=quantity(95, "%"))

    assert known(make.patient(), gas, oximeter).used["spo2"].value == 95


def test_a_fraction_is_a_percentage(make: Any, known: Known) -> None:
    sent = make.observation("59408-5", valueQuantity=quantity(Decimal("0.97"), "1"))

    assert known(make.patient(), sent).used["spo2"].value == 97


@pytest.mark.parametrize(
    "effective",
    [
        {"effectiveInstant": "2026-03-01T11:50:00.123456789Z"},
        {"effectivePeriod": {"start": "2026-03-01T11:00:00Z", "end": "2026-03-01T11:50:00Z"}},
        {"effectivePeriod": {"start": "2026-03-01T11:50:00Z"}},
        {"effectiveDateTime": "2026-03-01T12:50:00+01:00"},
    ],
)
def test_every_kind_of_time_is_read(effective: Resource, make: Any, known: Known) -> None:
    sent = {k: v for k, v in pulse(make).items() if k != "effectiveDateTime"} | effective

    found = known(make.patient(), sent)

    assert found.used["pulse"].age_s(found.at) in {599, 600}


def test_a_code_of_another_system_is_not_this_code(make: Any, known: Known) -> None:
    sent = pulse(make)
    sent["code"]["coding"][0]["system"] = "urn:local"

    assert known(make.patient(), sent).missing["pulse"].reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    "broken",
    [
        {"code": "8867-4"},
        {"code": {"coding": {}}},
        {"effectiveDateTime": 7},
        {"component": "none"},
        {"valueQuantity": 70},
        {"status": None},
        {"meta": []},
    ],
)
def test_an_observation_of_the_wrong_shape_is_named(
    broken: Resource, make: Any, known: Known
) -> None:
    with pytest.raises(Failure) as caught:
        known(make.patient(), pulse(make) | broken)

    assert (caught.value.kind.http, caught.value.at) == (422, "resources[1]")


def test_facts_do_not_depend_on_the_order_of_resources(make: Any, known: Known) -> None:
    resources = [pulse(make, n, age_min=10, id=f"o-{n}") for n in (60, 70, 80)]

    forwards = known(make.patient(), *resources)
    backwards = known(*reversed(resources), make.patient())

    assert forwards == backwards


def test_extreme_times_do_not_break_it(make: Any, known: Known) -> None:
    sent = [
        pulse(make, effectiveDateTime=time)
        for time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    ]

    found = known(make.patient(), *sent)

    assert found.missing["pulse"].reason is Reason.STALE
    assert timedelta(seconds=found.missing["pulse"].age_s or 0) > timedelta(days=700_000)
