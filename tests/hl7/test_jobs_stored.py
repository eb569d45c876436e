"""What messages leave in the FHIR server: resent, late, shuffled, corrected. All are synthetic."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry.landing import land
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry_hl7.translate import DEFAULT, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
MRN = "7700123^^^NORTH^MR"


def _adt(
    event: str, hour: int, pid: Mapping[int, str], pv1: Mapping[int, str] | None = None
) -> bytes:
    time = f"20260105{hour:02}0000+0000"
    return message(
        segment("EVN", {2: time}),
        segment("PID", {3: MRN, **pid}),
        segment("PV1", {2: "I", 19: "V1^^^NORTH", **(pv1 or {})}),
        kind=f"ADT^{event}",
        time=time,
        control_id=f"{event}-{hour}",
        application="ADTSYS",
    )


def _oru(hour: int, value: str, status: str = "F", pid: Mapping[int, str] | None = None) -> bytes:
    return message(
        segment("PID", {3: MRN, **(pid or {})}),
        segment("PV1", {2: "O", 19: "V1^^^NORTH"}),
        segment("OBR", {3: "F1^LAB", 4: "24323-8^Panel^LN", 7: "2026010510", 25: status}),
        segment("OBX", {2: "NM", 3: "2345-7^Glucose^LN", 5: value, 6: "mg/dL", 11: status}),
        time=f"20260105{hour:02}0000+0000",
        control_id=f"R-{hour}",
    )


def _stored(*bodies: bytes, together: bool = False) -> FakeFhir:
    """A server after these messages, landed one by one or in one batch."""
    fhir = FakeFhir()
    made = [
        translate(Message.parse(body), sender=DEFAULT, received_at=RECEIVED_AT) for body in bodies
    ]
    for batch in [made] if together else [[one] for one in made]:
        assert not any(isinstance(result, Failure) for result in land(batch, fhir))
    return fhir


def _one(fhir: FakeFhir, type_: str) -> Resource:
    (resource,) = fhir.all(type_)
    return resource


FEED = (
    _adt("A01", 8, {5: "Doe^Jo", 8: "F", 13: "555-1"}, {3: "W1"}),
    _oru(9, "98.60"),
    _adt("A02", 10, {}, {3: "W2", 6: "W1"}),
    _oru(11, "99.1", "C"),
    _adt("A08", 12, {11: "1 Street"}, {3: "W2"}),
    _adt("A03", 13, {}, {3: "W2"}),
)


def _content(fhir: FakeFhir, type_: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in one.items() if k not in ("id", "meta")} for one in fhir.all(type_)]


@pytest.mark.parametrize("together", [False, True])
def test_a_stay_is_one_patient_one_visit_one_report_and_one_result(*, together: bool) -> None:
    fhir = _stored(*FEED, together=together)

    visit = _one(fhir, "Encounter")
    assert (visit["status"], visit["class"]["code"]) == ("finished", "IMP")
    assert visit["period"] == {
        "start": "2026-01-05T08:00:00+00:00",
        "end": "2026-01-05T13:00:00+00:00",
    }
    assert [
        (stay["location"]["display"], stay["status"], stay["period"]) for stay in visit["location"]
    ] == [
        (
            "W1",
            "completed",
            {"start": visit["period"]["start"], "end": "2026-01-05T10:00:00+00:00"},
        ),
        ("W2", "completed", {"start": "2026-01-05T10:00:00+00:00", "end": visit["period"]["end"]}),
    ]
    result = _one(fhir, "Observation")
    assert (result["status"], str(result["valueQuantity"]["value"])) == ("corrected", "99.1")
    assert _one(fhir, "DiagnosticReport")["status"] == "corrected"
    patient = _one(fhir, "Patient")
    assert (patient["gender"], patient["address"][0]["line"]) == ("female", ["1 Street"])
    assert len(fhir.all("Provenance")) == 6


@pytest.mark.parametrize("together", [False, True])
def test_the_same_feed_twice_ends_in_the_same_state_and_adds_no_version(*, together: bool) -> None:
    once = _stored(*FEED, together=together)
    twice = _stored(*FEED, *FEED, together=together)

    assert {key: len(kept) for key, kept in twice.versions.items()} == {
        key: len(kept) for key, kept in once.versions.items()
    }


def test_a_late_older_update_does_not_overwrite() -> None:
    fhir = _stored(_adt("A08", 12, {8: "F"}), _adt("A08", 11, {8: "M"}))

    assert _one(fhir, "Patient")["gender"] == "female"
    assert _one(fhir, "Patient")["meta"]["versionId"] == "1"


def test_a_late_preliminary_result_does_not_overwrite_the_final_one() -> None:
    fhir = _stored(_oru(12, "99.1", "F"), _oru(11, "98", "P"))

    assert _one(fhir, "Observation")["status"] == "final"


def test_a_late_admission_does_not_reopen_a_visit() -> None:
    fhir = _stored(_adt("A03", 13, {}, {3: "W2"}), _adt("A01", 8, {}, {3: "W1"}))

    visit = _one(fhir, "Encounter")
    assert visit["status"] == "finished"
    assert [stay["location"]["display"] for stay in visit["location"]] == ["W1", "W2"]


def test_an_update_after_discharge_leaves_the_visit_closed() -> None:
    fhir = _stored(_adt("A03", 13, {}, {3: "W2"}), _adt("A08", 14, {8: "F"}, {3: "W2"}))

    visit = _one(fhir, "Encounter")
    assert (visit["status"], [stay["status"] for stay in visit["location"]]) == (
        "finished",
        ["completed"],
    )


@pytest.mark.parametrize(
    ("field", "element"), [(8, "gender"), (11, "address"), (13, "telecom"), (16, "maritalStatus")]
)
def test_absent_leaves_alone_and_an_explicit_null_deletes(field: int, element: str) -> None:
    value = {8: "F", 11: "1 Street", 13: "555-1", 16: "M"}[field]
    first = _adt("A01", 8, {5: "Doe^Jo", field: value})

    absent = _one(_stored(first, _adt("A08", 9, {5: "Doe^Jim"})), "Patient")
    deleted = _one(_stored(first, _adt("A08", 9, {field: '""'})), "Patient")

    assert element in absent
    assert element not in deleted
    assert deleted["name"] == [{"family": "Doe", "given": ["Jo"]}]


def test_shuffled_identifiers_are_the_same_patient_and_no_new_version() -> None:
    numbers = [MRN, "99^^^REGION^PI", "123456789^^^^SS"]

    fhir = _stored(
        _adt("A08", 8, {3: "~".join(numbers)}), _adt("A08", 9, {3: "~".join(numbers[::-1])})
    )

    assert _one(fhir, "Patient")["meta"]["versionId"] == "1"


def test_a_laboratory_does_not_change_what_registration_said_but_fills_gaps() -> None:
    fhir = _stored(_adt("A01", 8, {5: "Doe^Jo"}), _oru(9, "98", pid={5: "DOE^J", 7: "19610402"}))

    patient = _one(fhir, "Patient")
    assert patient["name"] == [{"family": "Doe", "given": ["Jo"]}]
    assert patient["birthDate"] == "1961-04-02"
    assert _one(fhir, "Encounter")["class"]["code"] == "IMP"


def test_a_result_taken_back_is_the_same_result_in_error() -> None:
    fhir = _stored(_oru(9, "98"), _oru(10, '""', "D"))

    result = _one(fhir, "Observation")
    assert (result["status"], "valueQuantity" in result) == ("entered-in-error", False)
    assert len(fhir.versions["Observation", result["id"]]) == 2


def test_results_that_a_correction_does_not_repeat_stay_in_the_report() -> None:
    extra = segment("OBX", {2: "NM", 3: "2951-2^Sodium^LN", 5: "139", 11: "F"})
    fhir = _stored(_oru(9, "98") + b"\r" + extra.encode(), _oru(10, "97", "C"))

    statuses = [one["status"] for one in fhir.all("Observation")]
    assert statuses == ["corrected", "final"]
    assert len(_one(fhir, "DiagnosticReport")["result"]) == 2
