"""Outcomes out of the FHIR server: of whom it knows, as far as it tells."""

from datetime import UTC, datetime, timedelta

from wherry.testing.fhir import FakeFhir
from wherry_risk.lifecycle.outcomes_cli import of_patient
from wherry_risk.monitoring.derived import derived
from wherry_risk.monitoring.outcomes import Happening

END = datetime(2026, 5, 6, 8, tzinfo=UTC)


def test_a_patients_stays_are_read_and_nobody_elses() -> None:
    encounters = [
        {
            "resourceType": "Encounter",
            "id": f"e-{patient}",
            "status": "finished",
            "class": {"code": "IMP"},
            "subject": {"reference": f"Patient/{patient}"},
            "period": {"start": "2026-05-01T08:00:00Z", "end": END.isoformat()},
            "hospitalization": {"dischargeDisposition": {"coding": [{"code": "exp"}]}},
        }
        for patient in ("p-1", "p-2")
    ]
    fhir = FakeFhir({"resourceType": "Patient", "id": "p-1"}, *encounters)

    person, found = of_patient(fhir, "p-1")
    told = derived("p-1", person, found, until=END + timedelta(days=60))

    assert [(one.encounter, one.kind, one.happened, one.at) for one in told] == [
        ("e-p-1", Happening.DEATH_IN_HOSPITAL, True, END)
    ]


def test_whom_the_server_does_not_know_has_no_outcomes() -> None:
    assert of_patient(FakeFhir(), "p-9") == (None, [])
