"""What is stored and what a message says become what is written. All data are synthetic."""

from typing import Any

import pytest

from wherry.codec import decode
from wherry.fhir.merge import merge
from wherry.resource import Resource

EARLY, LATER = "2026-01-05T10:00:00+00:00", "2026-01-05T11:00:00+00:00"


def _stamped(
    type_: str, at: str, source: str = "urn:wherry:hl7:N:A#1", **elements: Any
) -> Resource:
    return {
        "resourceType": type_,
        "meta": {"source": source},
        "extension": [{"url": "urn:wherry:fhir:source-time", "valueDateTime": at}],
        **elements,
    }


def _stored(type_: str, at: str = EARLY, **elements: Any) -> Resource:
    resource = _stamped(type_, at, **elements)
    resource["meta"] = {**resource["meta"], "versionId": "3", "lastUpdated": EARLY}
    return {**resource, "id": "7"}


def _merged(stored: Resource, incoming: Resource, *args: Any, **said: Any) -> dict[str, Any]:
    made = merge(stored, incoming, *args, **said)
    assert made is not None
    return {k: v for k, v in made.items() if k not in ("resourceType", "id", "meta", "extension")}


def _patient(**elements: Any) -> Resource:
    return _stamped("Patient", LATER, source="urn:wherry:hl7:N:A#2", **elements)


def test_a_snapshot_sets_what_it_says_and_leaves_the_rest() -> None:
    stored = _stored("Patient", gender="female", birthDate="1961-04-02")

    assert _merged(stored, _patient(birthDate="1961-04-03")) == {
        "gender": "female",
        "birthDate": "1961-04-03",
    }


def test_what_is_written_names_its_source_and_no_version_of_the_server() -> None:
    made = merge(_stored("Patient", gender="female"), _patient(gender="male"))

    assert made is not None
    assert made["meta"] == {"source": "urn:wherry:hl7:N:A#2"}
    assert made["extension"][0]["valueDateTime"] == LATER
    assert made["id"] == "7"


@pytest.mark.parametrize("at", [EARLY, LATER])
def test_saying_the_same_again_writes_nothing(at: str) -> None:
    stored = _stored("Patient", at=EARLY, gender="female", name=[{"family": "Doe"}])

    assert merge(stored, _stamped("Patient", at, gender="female")) is None


def test_an_older_snapshot_changes_nothing() -> None:
    stored = _stored("Patient", at=LATER, gender="female")

    assert merge(stored, _stamped("Patient", EARLY, gender="male", birthDate="1961")) is None


def test_of_two_messages_in_one_second_the_last_one_holds_also_when_the_first_is_resent() -> None:
    first = _stamped("Patient", EARLY, source="urn:wherry:hl7:N:A#1", gender="female")
    second = _stamped("Patient", EARLY, source="urn:wherry:hl7:N:A#2", gender="male")

    after_second = merge({**first, "id": "7"}, second)

    assert after_second is not None
    assert after_second["gender"] == "male"
    assert merge(after_second, first, resent=True) is None


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("gender", {"period": {"start": "2026", "end": "2027"}, "telecom": "hwn"}),
        ("period", {"gender": "female", "telecom": "hwn"}),
        ("period.end", {"gender": "female", "period": {"start": "2026"}, "telecom": "hwn"}),
        (
            "telecom:home",
            {"gender": "female", "period": {"start": "2026", "end": "2027"}, "telecom": "wn"},
        ),
        (
            "telecom:",
            {"gender": "female", "period": {"start": "2026", "end": "2027"}, "telecom": "hw"},
        ),
        (
            "photo",
            {"gender": "female", "period": {"start": "2026", "end": "2027"}, "telecom": "hwn"},
        ),
    ],
)
def test_a_deletion_takes_away_an_element_a_part_or_the_entries_of_one_use(
    path: str, left: dict[str, Any]
) -> None:
    points = {
        "h": {"value": "1", "use": "home"},
        "w": {"value": "2", "use": "work"},
        "n": {"value": "3"},
    }
    stored = _stored(
        "Patient",
        gender="female",
        period={"start": "2026", "end": "2027"},
        telecom=list(points.values()),
    )

    made = _merged(stored, _patient(active=True), [path])

    assert made.pop("active") is True
    expected = {**left, "telecom": [points[letter] for letter in left["telecom"]]}
    assert made == expected


def test_a_deletion_of_an_extension_leaves_the_others() -> None:
    url = "http://example.invalid/a"
    stored = _stored("Patient")
    stored["extension"] = [{"url": url, "valueString": "x"}, *stored["extension"]]

    made = merge(stored, _patient(), [f"extension:{url}"])

    assert made is not None
    assert [one["url"] for one in made["extension"]] == ["urn:wherry:fhir:source-time"]


@pytest.mark.parametrize(
    ("element", "kept", "said", "merged"),
    [
        (
            "identifier",
            [{"system": "a", "value": "1"}, {"system": "b", "value": "1"}],
            [{"system": "b", "value": "1", "type": {"text": "t"}}, {"system": "c", "value": "1"}],
            [
                {"system": "a", "value": "1"},
                {"system": "b", "value": "1", "type": {"text": "t"}},
                {"system": "c", "value": "1"},
            ],
        ),
        (
            "name",
            [{"use": "official", "family": "Old"}, {"use": "maiden", "family": "Kept"}],
            [{"use": "official", "family": "New"}],
            [{"use": "official", "family": "New"}, {"use": "maiden", "family": "Kept"}],
        ),
        (
            "telecom",
            [
                {"use": "home", "system": "phone", "value": "1"},
                {"use": "home", "system": "email", "value": "a@b"},
                {"use": "home", "system": "phone", "value": "2"},
            ],
            [{"use": "home", "system": "phone", "value": "3"}],
            [
                {"use": "home", "system": "phone", "value": "3"},
                {"use": "home", "system": "email", "value": "a@b"},
            ],
        ),
    ],
)
def test_lists_are_merged_by_their_key(
    element: str, kept: list[Any], said: list[Any], merged: list[Any]
) -> None:
    stored = {**_stored("Patient"), element: kept}

    assert _merged(stored, {**_patient(), element: said}) == {element: merged}


def test_the_same_entries_in_another_order_write_nothing() -> None:
    kept = [
        {"use": "home", "value": "1"},
        {"use": "work", "value": "2"},
        {"use": "home", "value": "3"},
    ]

    assert merge(_stored("Patient", telecom=kept), _patient(telecom=kept[::-1])) is None


@pytest.mark.parametrize(
    ("kept", "said", "merged"),
    [
        ({"deceasedBoolean": False}, {"deceasedDateTime": "2026"}, {"deceasedDateTime": "2026"}),
        ({"deceasedDateTime": "2026"}, {"deceasedBoolean": False}, {"deceasedBoolean": False}),
        (
            {"multipleBirthInteger": 2},
            {"multipleBirthBoolean": False},
            {"multipleBirthBoolean": False},
        ),
    ],
)
def test_of_two_forms_of_an_element_there_is_only_one(
    kept: dict[str, Any], said: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert _merged(_stored("Patient", **kept), _patient(**said)) == merged


def test_a_plain_yes_does_not_forget_the_day_of_death() -> None:
    stored = _stored("Patient", deceasedDateTime="2026-01-01")

    assert merge(stored, _patient(deceasedBoolean=True)) is None


def test_an_extension_of_a_primitive_goes_with_its_value() -> None:
    stored = _stored("Patient", birthDate="1961-04-02", _birthDate={"extension": [{"url": "u"}]})

    assert _merged(stored, _patient(birthDate="1961-04-03")) == {"birthDate": "1961-04-03"}


def test_a_weak_element_only_fills_a_gap() -> None:
    incoming = _patient(gender="male", birthDate="1961")

    assert _merged(_stored("Patient", gender="female"), incoming, (), ["gender"]) == {
        "gender": "female",
        "birthDate": "1961",
    }


def test_a_weak_resource_of_another_sender_only_fills_gaps_and_does_not_own_them() -> None:
    stored = _stored("Patient", gender="female", identifier=[{"system": "a", "value": "1"}])
    incoming = _stamped(
        "Patient",
        LATER,
        source="urn:wherry:hl7:LAB:LIS#9",
        gender="male",
        birthDate="1961",
        identifier=[{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
    )

    made = merge(stored, incoming, (), ["*"])

    assert made is not None
    assert (made["gender"], made["birthDate"]) == ("female", "1961")
    assert [one["system"] for one in made["identifier"]] == ["a", "b"]
    assert made["meta"]["source"] == "urn:wherry:hl7:N:A#1"


def test_a_weak_resource_of_the_same_sender_is_a_snapshot() -> None:
    stored = _stored("Patient", gender="female")

    assert _merged(stored, _patient(gender="male"), (), ["*"]) == {"gender": "male"}


def test_a_newer_result_takes_the_place_of_the_older_one_whole() -> None:
    stored = _stored("Observation", status="final", note=[{"text": "old"}], valueString="a")
    incoming = _stamped("Observation", LATER, status="corrected", valueString="b")

    assert _merged(stored, incoming) == {"status": "corrected", "valueString": "b"}


def test_an_older_result_changes_nothing() -> None:
    stored = _stored("Observation", at=LATER, status="final", valueString="b")

    assert merge(stored, _stamped("Observation", EARLY, status="preliminary")) is None


def test_a_digit_more_is_a_change() -> None:
    kept, said = ({"value": decode(digits)} for digits in ("7.1", "7.10"))

    made = merge(
        _stored("Observation", valueQuantity=kept),
        _stamped("Observation", LATER, valueQuantity=said),
    )

    assert made is not None
    assert str(made["valueQuantity"]["value"]) == "7.10"


@pytest.mark.parametrize("at", [EARLY, LATER])
def test_the_results_of_a_report_come_together_whoever_is_older(at: str) -> None:
    stored = _stored(
        "DiagnosticReport", at="2026-01-05T10:30:00+00:00", result=[{"reference": "a"}]
    )
    incoming = _stamped("DiagnosticReport", at, result=[{"reference": "b"}, {"reference": "a"}])

    assert _merged(stored, incoming)["result"] == [{"reference": "a"}, {"reference": "b"}]


def test_what_is_stored_without_a_time_is_no_newer() -> None:
    stored = {"resourceType": "Patient", "id": "7", "gender": "female"}

    assert _merged(stored, _patient(gender="male")) == {"gender": "male"}
