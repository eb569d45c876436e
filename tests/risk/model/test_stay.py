"""What FHIR tells of a hospital stay, and what it does not tell."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wherry.resource import Resource
from wherry_risk.model.record import record
from wherry_risk.model.stay import NAMES, told

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def encounter(id_: str, class_: str, start: str, end: str | None = None, **more: Any) -> Resource:
    period = {"start": start} | ({"end": end} if end else {})
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished" if end else "in-progress",
        "class": {"code": class_},
        "subject": {"reference": "Patient/p-1"},
        "period": period,
        **more,
    }


def of_stay(type_: str, id_: str, element: str, system: str, code: str, **more: Any) -> Resource:
    return {
        "resourceType": type_,
        "id": id_,
        "subject": {"reference": "Patient/p-1"},
        "encounter": {"reference": "Encounter/now"},
        element: {"coding": [{"system": system, "code": code}]},
        **more,
    }


STAY = encounter(
    "now",
    "IMP",
    "2026-03-05T22:10:00Z",
    "2026-03-10T08:30:00Z",
    priority={"coding": [{"code": "EM"}]},
    hospitalization={
        "admitSource": {"coding": [{"code": "emd"}]},
        "dischargeDisposition": {"coding": [{"code": "snf"}]},
    },
    diagnosis=[{"condition": {"reference": "Condition/c1"}, "rank": 1}],
)
PATIENT: Resource = {"resourceType": "Patient", "id": "p-1", "birthDate": "1950-01-01"}
BEFORE = [
    encounter("b1", "IMP", "2025-11-01T10:00:00Z", "2025-11-04T10:00:00Z"),
    encounter("b2", "EMER", "2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z"),
    encounter("b3", "AMB", "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"),
    encounter("b4", "IMP", "2025-03-01T10:00:00Z", "2025-03-02T10:00:00Z"),  # over a year ago
    encounter("b5", "IMP", "2025-12-01T10:00:00Z", status="cancelled"),
]
CHARTED = [
    of_stay("Condition", "c1", "code", ICD10, "I50.9"),
    of_stay("Condition", "c2", "code", ICD10, "E11.40"),
    of_stay("Condition", "c3", "code", ICD10, "E11.40"),  # the same again
    of_stay("MedicationRequest", "m1", "medicationCodeableConcept", "rx", "1"),
    of_stay("MedicationRequest", "m2", "medicationCodeableConcept", "rx", "2"),
    of_stay("MedicationRequest", "m3", "medicationCodeableConcept", "rx", "3", status="cancelled"),
    of_stay("Procedure", "p1", "code", "sct", "9"),
]


def values(*resources: Resource) -> dict[str, float]:
    return {name: one.value for name, one in told(record([PATIENT, *resources]), AT).items()}


def test_a_whole_stay() -> None:
    known = values(STAY, *BEFORE, *CHARTED)

    assert {name for name, value in known.items() if value} == {
        *("length-of-stay", "inpatient-before", "emergency-before", "ambulatory-before"),
        *("medications", "diagnoses", "procedures", "admission-priority", "from-emergency"),
        *("to-nursing", "heart-failure", "diabetes-complicated"),
        *("emergency-6-months", "comorbidity"),
    }
    assert (known["length-of-stay"], known["inpatient-before"]) == (5, 1)
    assert (known["medications"], known["diagnoses"], known["procedures"]) == (2, 2, 1)
    assert known["admission-priority"] == 2
    assert set(NAMES) - set(known) == {"from-oncology"}  # the service is not told


def test_what_is_not_told_is_not_known_and_never_zero() -> None:
    bare = encounter("now", "IMP", "2026-03-05T22:10:00Z", "2026-03-10T08:30:00Z")

    known = values(bare)

    assert set(known) == {
        *("length-of-stay", "inpatient-before", "emergency-before", "ambulatory-before"),
        *("procedures", "emergency-6-months"),
    }


def test_without_an_inpatient_stay_nothing_is_known() -> None:
    assert values(*BEFORE[1:3], *CHARTED) == {}


def test_a_stay_that_goes_on_is_judged_until_now() -> None:
    assert values(encounter("now", "IMP", "2026-03-08T01:00:00Z"))["length-of-stay"] == 2


def test_the_discharge_codes_of_us_hospitals_are_read() -> None:
    stay = encounter(
        "now",
        "IMP",
        "2026-03-05T22:10:00Z",
        hospitalization={"dischargeDisposition": {"coding": [{"code": "06"}]}},
    )

    assert values(stay)["to-home-care"] == 1


def test_a_refuted_diagnosis_does_not_count() -> None:
    refuted = of_stay(
        "Condition",
        "c9",
        "code",
        ICD10,
        "C34.90",
        verificationStatus={"coding": [{"code": "refuted"}]},
    )

    assert values(STAY, *CHARTED, refuted)["cancer"] == 0


@pytest.mark.parametrize("broken", [{"period": "x"}, {"class": []}, {"hospitalization": 3}])
def test_a_misshapen_encounter_tells_nothing_and_breaks_nothing(broken: dict[str, Any]) -> None:
    odd = {**STAY, **broken}

    assert values(odd).get("to-nursing") in {None, 1.0}
