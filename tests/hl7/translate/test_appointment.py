"""Appointments know when, who and whether; nothing of it is made up. All data are synthetic."""

from collections.abc import Callable

import pytest

from wherry.errors import Failure
from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Booked = Callable[..., Resource]

PID = segment("PID", {3: "7700123^^^NORTH^MR"})
START, END = "20260112090000+0000", "20260112093000+0000"
MISSING = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}


@pytest.fixture
def booked(translated: Translated, of_type: OfType) -> Booked:
    """The Appointment that one SCH with these fields becomes, and more segments."""

    def make(fields: dict[int, str], *more: str, event: str = "S12") -> Resource:
        sch = segment("SCH", {2: "B-1^BOOKS", **fields})
        return of_type(translated(sch, *more, kind=f"SIU^{event}"), "Appointment")[0]

    return make


def _times(one: Resource) -> dict[str, object]:
    names = ("start", "_start", "end", "_end", "minutesDuration", "requestedPeriod")
    return {name: one[name] for name in names if name in one}


@pytest.mark.parametrize(
    ("event", "code", "status"),
    [
        ("S12", "", "booked"),
        ("S12", "Waitlist", "waitlist"),
        ("S14", "COMPLETE", "fulfilled"),
        ("S13", "Blocked", "booked"),
        ("S12", "no such code", "booked"),
        ("S15", "Booked", "cancelled"),
        ("S16", "", "cancelled"),
        ("S17", "Booked", "entered-in-error"),
        ("S19", "Started", "checked-in"),
        ("S26", "Booked", "noshow"),
    ],
)
def test_the_filler_says_the_status_unless_the_event_decides(
    booked: Booked, event: str, code: str, status: str
) -> None:
    assert booked({25: code, 11: f"^^^{START}^{END}"}, PID, event=event)["status"] == status


@pytest.mark.parametrize(
    ("fields", "more", "expected"),
    [
        (
            {11: f"^^^{START}^{END}"},
            (),
            {"start": "2026-01-12T09:00:00+00:00", "end": "2026-01-12T09:30:00+00:00"},
        ),
        (
            {9: "2", 10: "H", 11: f"^^^{START}"},
            (),
            {
                "start": "2026-01-12T09:00:00+00:00",
                "end": "2026-01-12T11:00:00+00:00",
                "minutesDuration": 120,
            },
        ),
        (
            {11: f"^^M15^{START}"},
            (),
            {
                "start": "2026-01-12T09:00:00+00:00",
                "end": "2026-01-12T09:15:00+00:00",
                "minutesDuration": 15,
            },
        ),
        (
            {9: "30", 10: "min", 11: f"^^^^{END}"},
            (),
            {
                "start": "2026-01-12T09:00:00+00:00",
                "end": "2026-01-12T09:30:00+00:00",
                "minutesDuration": 30,
            },
        ),
        (
            {},
            (segment("AIS", {1: "1", 3: "T^Talk^L", 4: START, 7: "45", 8: "min"}),),
            {
                "start": "2026-01-12T09:00:00+00:00",
                "end": "2026-01-12T09:45:00+00:00",
                "minutesDuration": 45,
            },
        ),
        (
            {11: f"^^^{END}^{START}"},
            (),
            {"start": "2026-01-12T09:30:00+00:00", "_end": MISSING},
        ),
        ({9: "30"}, (), {"_start": MISSING, "_end": MISSING}),
        (
            {11: "^^^20260112"},
            (),
            {"_start": MISSING, "_end": MISSING, "requestedPeriod": [{"start": "2026-01-12"}]},
        ),
        ({25: "Pending", 9: "90", 10: "s"}, (), {"_start": MISSING, "_end": MISSING}),
        ({25: "Waitlist"}, (), {}),
    ],
)
def test_start_and_end_come_together_or_are_marked_as_unknown(
    booked: Booked, fields: dict[int, str], more: tuple[str, ...], expected: dict[str, object]
) -> None:
    assert _times(booked(fields, PID, *more)) == expected


def test_one_of_a_series_is_a_thing_of_its_own(booked: Booked) -> None:
    once, first, third = booked({}, PID), booked({3: "1"}, PID), booked({3: "3"}, PID)

    assert once["identifier"] == first["identifier"]
    assert third["identifier"] == [
        {
            "system": "urn:wherry:hl7:LAB:appointment-of-series",
            "value": "urn:wherry:hl7:LAB:BOOKS/B-1/3",
        }
    ]


def test_an_offset_counts_from_the_start_of_the_appointment(booked: Booked) -> None:
    aip = segment("AIP", {1: "1", 3: "9^Testdoctor", 7: "10", 8: "min", 9: "5", 10: "min"})

    made = booked({11: f"^^^{START}^{END}"}, PID, aip)

    assert made["participant"][1]["period"] == {
        "start": "2026-01-12T09:10:00+00:00",
        "end": "2026-01-12T09:15:00+00:00",
    }


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DEVICE", "Device"),
        ("ROOM", "Location"),
        ("PERSON", "Practitioner"),
        ("CLINIC", "HealthcareService"),
        ("Z9", None),
    ],
)
def test_a_general_resource_is_what_its_type_says_or_a_name_with_a_number(
    booked: Booked, code: str, kind: str | None
) -> None:
    made = booked({}, PID, segment("AIG", {1: "1", 3: "R7^Thing seven^L", 4: code}))

    actor = made["participant"][1]["actor"]
    assert actor.get("type") == kind
    assert actor["display"] == "Thing seven"
    assert ("reference" in actor) is bool(kind)


def test_a_schedule_without_an_appointment_is_kept_and_makes_nothing(
    translated: Translated,
) -> None:
    with pytest.raises(Failure, match="nothing that could be stored"):
        translated(segment("SCH", {2: "B-1^BOOKS"}), kind="SIU^S23")


def test_the_visit_of_a_schedule_is_planned_and_names_its_appointment(
    translated: Translated, of_type: OfType
) -> None:
    sch, pv1 = segment("SCH", {2: "B-1^BOOKS"}), segment("PV1", {2: "O", 19: "V1^^^NORTH"})

    made = translated(sch, PID, pv1, kind="SIU^S12")

    [visit] = of_type(made, "Encounter")
    [entry] = [one for one in made.bundle["entry"] if "Appointment?" in one["request"]["url"]]
    assert visit["status"] == "planned"
    assert visit["appointment"] == [{"reference": entry["fullUrl"]}]
