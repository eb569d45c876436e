"""What nobody can have is none; what only a child can have is doubted until the age is known."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.devices.claims import frame, readings, sample
from tests.devices.harness import PATIENT, House, getmeas, group, measure

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry.testing.fhir import FakeFhir
from wherry_devices.births import Births
from wherry_devices.mapping.ages import ADULT, BANDS, band_of, limits
from wherry_devices.mapping.plausible import judged

ON = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("born", "name"),
    [
        ("2026-03-01", "neonate"),
        ("2026-02-02", "neonate"),
        ("2026-02-01", "infant"),
        ("2025-03-02", "infant"),
        ("2025-02-27", "toddler"),
        ("2022-06-01", "preschool"),
        ("2016", "school"),
        ("2012-05", "adolescent"),
        ("2008-03-02", "adolescent"),
        ("2008-02-28", "adult"),
        ("1950", "adult"),
    ],
)
def test_a_day_of_birth_is_a_band_on_a_day(born: str, name: str) -> None:
    found = band_of(born, ON)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "born", ["", "2026-03-02", "2025", "2026-02", "2020-02-30", "2020-13", "born", "2027"]
)
def test_what_leaves_the_age_open_is_no_band(born: str) -> None:
    assert band_of(born, ON) is None


# Awake children: heart and breathing rates and limits of hypotension of PALS, and the medians of
# Fleming et al. 2011 in the first month.
PUBLISHED = [
    ("neonate", "heart_rate", 85, 205),
    ("infant", "heart_rate", 85, 205),
    ("toddler", "heart_rate", 60, 190),
    ("preschool", "heart_rate", 60, 140),
    ("school", "heart_rate", 60, 140),
    ("adolescent", "heart_rate", 60, 100),
    ("neonate", "heart_rate", 127, 145),
    ("neonate", "resp_rate", 30, 60),
    ("infant", "resp_rate", 30, 60),
    ("toddler", "resp_rate", 24, 40),
    ("preschool", "resp_rate", 22, 34),
    ("school", "resp_rate", 18, 30),
    ("adolescent", "resp_rate", 12, 16),
    ("neonate", "bp_systolic", 60, 60),
    ("infant", "bp_systolic", 70, 70),
    ("toddler", "bp_systolic", 72, 76),
    ("school", "bp_systolic", 82, 90),
    ("adolescent", "bp_systolic", 90, 90),
]


@pytest.mark.parametrize(("name", "kind", "low", "high"), PUBLISHED)
def test_what_is_published_as_normal_is_usual_in_its_band(
    name: str, kind: str, low: int, high: int
) -> None:
    [band] = [one for one in BANDS if one.name == name]
    unit = "mm[Hg]" if kind.startswith("bp") else "/min"

    assert [judged(kind, Decimal(value), unit, band) for value in (low, high)] == [(), ()]


def test_bands_follow_each_other_and_what_is_usual_is_possible() -> None:
    assert [one.until for one in BANDS] == sorted(one.until for one in BANDS)
    for band in BANDS:
        for kind, known in band.limits.items():
            assert known.possible[0] <= known.usual[0] < known.usual[1] <= known.possible[1], kind
    assert limits("spo2", BANDS[0]) == limits("spo2", ADULT)


DOUBTED = ("suspect", "unit-doubtful")


@pytest.mark.parametrize(
    ("kind", "value", "unit", "unknown", "adult"),
    [
        ("weight", "12", "kg", ("suspect",), None),
        ("weight", "0.2", "kg", None, None),
        ("weight", "70", "kg", (), ()),
        ("resp_rate", "90", "/min", ("suspect",), None),
        ("bp_systolic", "35", "mm[Hg]", ("suspect",), None),
        ("spo2", "0.97", "%", None, None),
        ("glucose_mass", "5.5", "mg/dL", None, None),
        ("glucose_mass", "30", "mg/dL", DOUBTED, DOUBTED),
        ("glucose_moles", "90", "mmol/L", None, None),
        ("body_temp", "98.6", "Cel", None, None),
        ("body_temp", "98.6", "[degF]", (), ()),
    ],
)
def test_an_unknown_age_widens_what_is_possible_and_never_what_is_usual(
    kind: str, value: str, unit: str, unknown: Any, adult: Any
) -> None:
    assert judged(kind, Decimal(value), unit) == unknown
    assert judged(kind, Decimal(value), unit, ADULT) == adult


@pytest.mark.parametrize(
    ("type_", "value", "unit"),
    [
        ("BodyTemperature", 98.6, "degC"),
        ("BloodGlucose", 5.5, "mg/dL"),
        ("BloodGlucose", 110, "mmol/L"),
        ("OxygenSaturation", 0.0097, "%"),
    ],
)
def test_a_number_in_another_unit_than_it_says_is_set_aside_with_that_reason(
    type_: str, value: float, unit: str, house: House
) -> None:
    house.bind("somebody", kind="account", source="healthkit")

    id_ = house.keep(sample(f"HKQuantityTypeIdentifier{type_}", value, unit), "healthkit")
    house.work()

    assert house.ended(id_)[0] is State.ASIDE
    assert house.ended(id_)[1].startswith("unit doubtful: ")
    assert house.fhir.all("Observation") == []


def weighed(house: House, kg: int) -> list[str] | str:
    """Whether a weight is doubted, or why there is none."""
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, measure(1, kg))))
    house.work()
    found = house.fhir.all("Observation")
    if not found:
        return house.ended(id_)[1]
    return [tag["code"] for tag in found[0]["meta"].get("tag", ()) if tag["code"] == "suspect"]


@pytest.mark.parametrize(
    ("born", "ends"),
    [
        ("2023-09-01", []),
        ("", ["suspect"]),
        ("2015-01-01", ["suspect"]),
        ("1960-01-01", "implausible: weight at body.measuregrps[0].measures[0]"),
    ],
)
def test_twelve_kilograms_are_usual_for_a_child_and_none_of_an_adult(born: str, ends: Any) -> None:
    house = House(fhir=FakeFhir({**PATIENT, "birthDate": born} if born else PATIENT))

    assert weighed(house, 12) == ends


def test_a_pressure_of_which_a_part_is_none_at_that_age_goes_as_a_whole() -> None:
    house = House(fhir=FakeFhir({**PATIENT, "birthDate": "1960"}))
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, measure(10, 110), measure(9, 15), measure(11, 70))))

    house.work()

    assert [one["code"]["coding"][0]["code"] for one in house.fhir.all("Observation")] == ["8867-4"]
    assert "implausible: bp_diastolic" in house.ended(id_)[1]


@pytest.mark.parametrize(("systolic", "diastolic"), [(100, 90), (230, 100)])
def test_pressures_too_close_or_too_far_apart_are_doubted(systolic: int, diastolic: int) -> None:
    house = House(fhir=FakeFhir({**PATIENT, "birthDate": "1960"}))
    house.bind("cuff-1")
    house.keep(getmeas(group(1, measure(10, systolic), measure(9, diastolic))))

    house.work()

    [one] = house.fhir.all("Observation")
    assert {"suspect", "pulse-pressure"} <= {tag["code"] for tag in one["meta"]["tag"]}


def test_a_mean_pressure_lies_between_or_goes_alone() -> None:
    found = readings("ble-hub", {**frame("2A35", "00 78 00 50 00 C8 00"), "zone": "UTC"})

    assert [one.kind for one in found] == ["bp_systolic", "bp_diastolic"]


def test_a_date_of_birth_is_asked_for_once_in_an_hour() -> None:
    fhir, time = FakeFhir({**PATIENT, "birthDate": "1960"}), [0.0]
    births = Births(fhir, clock=lambda: time[0])
    first = births.of("p1")
    fhir.put({**PATIENT, "birthDate": "1970"})

    again = births.of("p1")
    time[0] = 3600

    assert (first, again, births.of("p1"), births.of("nobody")) == ("1960", "1960", "1970", "")


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNAUTHENTICATED, Kind.FORBIDDEN])
def test_while_nobody_tells_the_age_the_payload_waits(kind: Kind, house: House) -> None:
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, measure(1, 12))))
    house.fhir.failures = [Failure(kind, "made up", at="fhir")]

    house.work()

    assert house.ended(id_)[0] is State.WAITING
    assert house.fhir.all("Observation") == []
