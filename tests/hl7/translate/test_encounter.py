"""PV1 becomes an Encounter. All data are synthetic."""

from collections.abc import Callable

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Encounter = Callable[..., Resource]
EVENT_AT = "2026-01-05T11:30:00+00:00"
ADMITTED, DISCHARGED = "20260105080000+0000", "20260106090000+0000"


# Source: PV1-45, else the trigger, else the patient class
@pytest.mark.parametrize(
    ("event", "fields", "status"),
    [
        ("A01", {}, "in-progress"),
        ("A02", {}, "in-progress"),
        ("A03", {}, "finished"),
        ("A04", {2: "O"}, "in-progress"),
        ("A08", {2: "I"}, "in-progress"),
        ("A08", {2: "P"}, "planned"),
        ("A08", {2: "U"}, "unknown"),
        ("A08", {2: ""}, "unknown"),
        ("A08", {45: DISCHARGED}, "finished"),
        ("A01", {45: DISCHARGED}, "finished"),
    ],
)
def test_the_status_has_its_order_of_sources(
    encounter: Encounter, event: str, fields: dict[int, str], status: str
) -> None:
    assert encounter(fields, event=event)["status"] == status


@pytest.mark.parametrize(
    ("code", "mapped"),
    [("I", "IMP"), ("O", "AMB"), ("E", "EMER"), ("P", "PRENC"), ("B", "B"), ("OBS", "UNK")],
)
def test_a_class_is_mapped_or_unknown_and_says_what_was_sent(
    encounter: Encounter, code: str, mapped: str
) -> None:
    made = encounter({2: code})["class"]

    said = [one["valueString"] for one in made.get("extension", [])]
    assert (made["code"], said) == (mapped, [] if code == mapped else [code])


@pytest.mark.parametrize(
    ("event", "fields", "period"),
    [
        ("A01", {}, {"start": EVENT_AT}),
        ("A01", {44: ADMITTED}, {"start": "2026-01-05T08:00:00+00:00"}),
        ("A03", {}, {"end": EVENT_AT}),
        ("A08", {}, None),
        ("A02", {}, None),
        ("A03", {44: DISCHARGED, 45: ADMITTED}, {"start": "2026-01-06T09:00:00+00:00"}),
    ],
)
def test_the_period_is_what_was_said_and_never_turned_round(
    encounter: Encounter, event: str, fields: dict[int, str], period: object
) -> None:
    assert encounter(fields, event=event).get("period") == period


@pytest.mark.parametrize(
    ("fields", "identifier"),
    [
        ({19: "V1^^^NORTH"}, ("urn:wherry:hl7:LAB:NORTH", "V1")),
        ({19: "", 50: "V2"}, ("urn:wherry:hl7:LAB:visit-alternate", "V2")),
        ({19: "V1"}, ("urn:wherry:hl7:LAB:visit", "V1")),
        (
            {19: ""},
            ("urn:wherry:hl7:LAB:visit-of-message", "LABSYS/C-1/20260105120000+0000"),
        ),
    ],
)
def test_a_visit_is_known_by_the_best_number_there_is(
    encounter: Encounter, fields: dict[int, str], identifier: tuple[str, str]
) -> None:
    made = encounter(fields)["identifier"][0]

    assert (made["system"], made["value"]) == identifier


def test_a_visit_without_number_is_known_by_account_and_admission(
    translated: Callable[..., Translation],
) -> None:
    made = translated(
        segment("PID", {3: "1^^^NORTH^MR", 18: "ACC9^^^NORTH^AN"}),
        segment("PV1", {2: "I", 44: ADMITTED}),
        kind="ADT^A01",
    )

    account, visit = (entry for entry in made.bundle["entry"][1:3])
    assert visit["resource"]["identifier"] == [
        {"system": "urn:wherry:hl7:LAB:visit-of-account", "value": f"ACC9/{ADMITTED}"}
    ]
    assert visit["resource"]["account"] == [{"reference": account["fullUrl"]}]
    assert account["resource"]["identifier"][0]["value"] == "ACC9"


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        ("A01", [("ED 3", "completed", {}), ("W 1", "active", {"start": EVENT_AT})]),
        (
            "A02",
            [("ED 3", "completed", {"end": EVENT_AT}), ("W 1", "active", {"start": EVENT_AT})],
        ),
        ("A03", [("ED 3", "completed", {}), ("W 1", "completed", {"end": EVENT_AT})]),
        ("A08", [("ED 3", "completed", {}), ("W 1", "active", {})]),
    ],
)
def test_places_carry_the_time_of_a_move_only_where_there_was_one(
    encounter: Encounter, event: str, stays: object
) -> None:
    made = encounter({3: "W^1", 6: "ED^3"}, event=event)["location"]

    assert [
        (one["location"]["display"], one["status"], one.get("period", {})) for one in made
    ] == stays


def test_people_are_resources_of_their_own_in_their_role(
    translated: Callable[..., Translation], of_type: Callable[[Translation, str], list[Resource]]
) -> None:
    people = {7: "11^Attend^Alex^^^Dr~^Nonumber^Nick", 8: '""', 17: "22^^^^^^^^NPI"}
    made = translated(
        segment("PID", {3: "1^^^NORTH^MR"}), segment("PV1", {19: "V1", **people}), kind="ADT^A01"
    )

    (visit,) = of_type(made, "Encounter")
    urls = {
        entry["fullUrl"]: entry["resource"]["identifier"][0] for entry in made.bundle["entry"][:-1]
    }
    assert [
        (
            one["type"][0]["coding"][0]["code"],
            urls.get(one["individual"].get("reference", "")),
            one["individual"].get("display"),
        )
        for one in visit["participant"]
    ] == [
        ("ATND", {"system": "urn:wherry:hl7:LAB:practitioner", "value": "11"}, "Dr Alex Attend"),
        ("ATND", None, "Nick Nonumber"),
        ("ADM", {"system": "http://hl7.org/fhir/sid/us-npi", "value": "22"}, None),
    ]


def test_what_a_message_only_supposes_is_weak(translated: Callable[..., Translation]) -> None:
    pid = segment("PID", {3: "1^^^NORTH^MR"})

    update = translated(pid, segment("PV1", {2: "OBS", 19: "V1"}), kind="ADT^A08")
    admission = translated(pid, segment("PV1", {2: "I", 19: "V1"}), kind="ADT^A01")
    result = translated(pid, segment("PV1", {2: "I", 19: "V1"}))

    assert list(update.weak.values()) == [("status", "class")]
    assert admission.weak == {}
    assert list(result.weak.values()) == [("*",), ("*", "status")]


def test_an_emptied_discharge_time_takes_the_end_back(
    translated: Callable[..., Translation],
) -> None:
    made = translated(
        segment("PID", {3: "1^^^NORTH^MR"}),
        segment("PV1", {2: "I", 19: "V1", 45: '""'}),
        kind="ADT^A08",
    )

    assert list(made.deletes.values()) == [("period.end",)]
