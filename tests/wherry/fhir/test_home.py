"""What devices at home measured is told by kind and source, once, with what is odd about it."""

from decimal import Decimal
from typing import Any

import pytest

from wherry.fhir.home import home, marks_of, source_of
from wherry.fhir.systems import DATA_ABSENT, DEVICE_QUALITY, LOINC
from wherry.resource import Resource

SYSTOLIC, DIASTOLIC, MEAN = "8480-6", "8462-4", "8478-0"


def code(loinc: str, display: str = "") -> Resource:
    return {"coding": [{"system": LOINC, "code": loinc, "display": display or loinc}]}


def amount(value: str, unit: str, comparator: str = "") -> Resource:
    held = {"value": Decimal(value), "unit": unit, "code": unit}
    return {"valueQuantity": held | ({"comparator": comparator} if comparator else {})}


def absent(reason: str) -> Resource:
    return {"dataAbsentReason": {"coding": [{"system": DATA_ABSENT, "code": reason}]}}


def observation(loinc: str, hour: int, held: Resource, *tags: str, **more: Any) -> Resource:
    meta: Resource = {"source": f"urn:wherry:devices:{more.pop('source', 'ble-hub')}#1"}
    if tags:
        meta["tag"] = [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]
    return {
        "resourceType": "Observation",
        "status": "final",
        "meta": meta,
        "code": code(loinc),
        "effectiveDateTime": f"2026-03-01T{hour:02}:00:00+01:00",
        **held,
        **more,
    }


def pressure(hour: int, systolic: Resource, diastolic: Resource, **more: Any) -> Resource:
    parts = [(MEAN, absent("not-a-number")), (DIASTOLIC, diastolic), (SYSTOLIC, systolic)]
    component = [{"code": code(loinc), **held} for loinc, held in parts]
    return observation("85354-9", hour, {"component": component}, **more)


def mmhg(value: str) -> Resource:
    return amount(value, "mm[Hg]")


def test_a_blood_pressure_is_one_reading() -> None:
    [kind] = home([pressure(8, mmhg("128"), mmhg("84")), pressure(9, mmhg("131.0"), mmhg("79"))])

    assert (kind.name, kind.label, kind.source) == ("bp", "Blood pressure", "Bluetooth hub")
    assert (kind.newest.text, kind.quantity["code"]) == ("131.0/79", "mm[Hg]")
    assert [one.text for one in kind.course] == ["128/84", "131.0/79"]
    assert kind.ends == ("128/84", "131.0/79")


@pytest.mark.parametrize(
    ("systolic", "diastolic", "text", "reason"),
    [
        (mmhg("128"), absent("unknown"), "128/–", ""),
        (absent("unknown"), mmhg("84"), "–/84", ""),
        (absent("not-a-number"), absent("not-a-number"), "", "not-a-number"),
    ],
)
def test_half_a_blood_pressure_says_which_half_is_lacking(
    systolic: Resource, diastolic: Resource, text: str, reason: str
) -> None:
    [kind] = home([pressure(8, systolic, diastolic)])

    assert (kind.newest.text, kind.newest.absent) == (text, reason)


def test_what_has_no_value_says_why_and_what_was_there_before() -> None:
    [kind] = home(
        [
            observation("8310-5", 9, absent("not-a-number")),
            observation("8310-5", 8, amount("36.90", "Cel")),
            observation("8310-5", 7, amount("36.8", "Cel")),
        ]
    )

    assert (kind.newest.text, kind.newest.absent) == ("", "not-a-number")
    assert kind.before is not None
    assert kind.before.text == "36.90"
    assert kind.quantity["code"] == "Cel"
    assert [one.text for one in kind.course] == ["36.8", "36.90"]


def test_what_never_had_a_value_is_shown_all_the_same() -> None:
    [kind] = home([observation("8310-5", 9, absent("error"))])

    assert (kind.newest.absent, kind.before, kind.course, kind.ends) == (
        "error",
        None,
        (),
        ("", ""),
    )


def test_the_end_of_a_scale_keeps_its_comparator() -> None:
    [kind] = home(
        [
            observation("99504-3", 7, amount("41", "mg/dL")),
            observation("99504-3", 8, amount("40", "mg/dL", "<")),
        ]
    )

    assert (kind.name, kind.newest.text, kind.ends) == ("cgm", "<40", ("<40", "41"))


def test_two_sources_and_two_units_are_never_one_course() -> None:
    kinds = home(
        [
            observation("8310-5", 8, amount("98.6", "[degF]")),
            observation("8310-5", 8, amount("37.0", "Cel")),
            observation("8310-5", 8, amount("37.1", "Cel"), source="withings"),
        ]
    )

    assert [(kind.source, kind.newest.text) for kind in kinds] == [
        ("Bluetooth hub", "98.6"),
        ("Bluetooth hub", "37.0"),
        ("Withings", "37.1"),
    ]


def test_the_average_of_a_days_blood_pressures_is_one_row_of_its_own() -> None:
    parts = [("96609-3", mmhg("79.0")), ("96608-5", mmhg("129.0"))]
    component = [{"code": code(loinc), **held} for loinc, held in parts]
    average = observation(
        "96607-7", 9, {"component": component}, "derived", source="derived",
        effectivePeriod={"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T20:00:00Z"},
    )  # fmt: skip
    del average["effectiveDateTime"]

    kinds = home([pressure(8, mmhg("128"), mmhg("84")), average])

    assert [(kind.label, kind.source, kind.newest.text) for kind in kinds] == [
        ("Blood pressure", "Bluetooth hub", "128/84"),
        ("Blood pressure, average", "computed here", "129.0/79.0"),
    ]
    assert (kinds[1].newest.at, kinds[1].newest.marks) == ("2026-03-01T20:00:00Z", ("derived",))


def test_numbers_of_another_panel_are_rows_and_what_is_usual_for_a_person_is_none() -> None:
    shares = [{"code": code(loinc, loinc), **amount(value, "%")} for loinc, value in
              (("97510-2", "71.43"), ("97511-0", "28.57"))]  # fmt: skip
    ranges = observation("106793-3", 9, {"component": shares}, source="derived")
    usual = observation("8867-4", 9, {"component": shares}, source="derived")
    usual["code"] = {"coding": [{"system": "urn:wherry:devices:baseline", "code": "8867-4"}]}

    kinds = home([ranges, usual])

    assert [(kind.label, kind.newest.text) for kind in kinds] == [
        ("97510-2", "71.43"),
        ("97511-0", "28.57"),
    ]


def test_readings_are_told_in_the_order_of_a_bedside_chart() -> None:
    codes = ("29463-7", "x-1", "99504-3", "8867-4", "2708-6")
    kinds = home([observation(loinc, 8, amount("70", "x")) for loinc in codes])

    assert [kind.name for kind in kinds] == ["pulse", "spo2", "cgm", "weight", "x-1"]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_what_was_taken_back_is_not_told(status: str) -> None:
    assert home([observation("8867-4", 8, amount("70", "/min"), status=status)]) == []


@pytest.mark.parametrize("source", ["urn:wherry:hl7:WARD#1", "urn:other:devices", ""])
def test_what_no_device_of_ours_took_is_not_told(source: str) -> None:
    bedside = observation("8867-4", 8, amount("70", "/min"), meta={"source": source})

    assert home([bedside]) == []
    assert source_of(bedside) == ""


def test_a_sources_name_is_what_people_call_it_and_a_sites_own_keeps_its_name() -> None:
    names = {"dexcom": "Dexcom", "our%20scale": "our scale"}
    told = [source_of({"meta": {"source": f"urn:wherry:devices:{name}#4"}}) for name in names]

    assert told == list(names.values())


def test_only_tags_of_our_own_system_are_marks() -> None:
    tags = [
        {"system": "urn:example", "code": "manual"},
        {"system": DEVICE_QUALITY, "code": "suspect"},
    ]

    assert marks_of({"meta": {"tag": tags}}) == ("suspect",)


def test_a_day_without_a_time_stands_last_and_in_no_course() -> None:
    [kind] = home(
        [
            observation("29463-7", 8, amount("70.0", "kg"), effectiveDateTime="2026-03-02"),
            observation("29463-7", 8, amount("71.0", "kg")),
        ]
    )

    assert kind.newest.text == "71.0"
    assert [one.text for one in kind.course] == ["71.0"]


def test_a_course_has_a_sensors_day_and_no_more() -> None:
    minutes = [f"2026-03-0{1 + n // 720}T{n // 60 % 12:02}:{n % 60:02}:00Z" for n in range(1000)]
    kinds = home(
        [
            observation("99504-3", 0, amount(str(n), "mg/dL"), effectiveDateTime=at)
            for n, at in enumerate(minutes)
        ]
    )

    assert [one.text for one in kinds[0].course] == [str(n) for n in range(700, 1000)]
