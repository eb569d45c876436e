"""readmission-30d by POST /v1/score: a stay that ends, from resources and from the FHIR server."""

from typing import Any

from wherry.codec import decode
from wherry.resource import Resource

MODEL = "readmission-30d"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def stay(**more: Any) -> list[Resource]:
    """A stay of five days that ends today; all of it is made up."""
    subject = {"reference": "Patient/p-1"}
    of = {"subject": subject, "encounter": {"reference": "Encounter/now"}}
    return [
        {"resourceType": "Patient", "id": "p-1", "birthDate": "1950-05-05", "gender": "female"},
        {
            "resourceType": "Encounter",
            "id": "now",
            "status": "finished",
            "class": {"code": "IMP"},
            "subject": subject,
            "period": {"start": "2026-02-24T10:00:00Z", "end": "2026-03-01T11:00:00Z"},
            "priority": {"coding": [{"code": "EM"}]},
            "hospitalization": {
                "admitSource": {"coding": [{"code": "emd"}]},
                "dischargeDisposition": {"coding": [{"code": "home"}]},
            },
            **more,
        },
        *(
            {
                "resourceType": "Condition",
                "id": f"c{n}",
                "code": {"coding": [{"system": ICD10, "code": code}]},
                **of,
            }
            for n, code in enumerate(("E11.21", "I50.9", "N18.4", "J44.1"))
        ),
        *(
            {
                "resourceType": "MedicationRequest",
                "id": f"m{n}",
                "status": "active",
                "medicationCodeableConcept": {"coding": [{"system": "made-up", "code": str(n)}]},
                **of,
            }
            for n in range(14)
        ),
    ]


def before(count: int) -> list[Resource]:
    """Stays of the year before."""
    return [
        {
            "resourceType": "Encounter",
            "id": f"b{n}",
            "status": "finished",
            "class": {"code": "IMP"},
            "subject": {"reference": "Patient/p-1"},
            "period": {"start": f"2025-1{n}-03T10:00:00Z", "end": f"2025-1{n}-05T10:00:00Z"},
        }
        for n in range(count)
    ]


def test_a_stay_that_ends_gets_a_probability_that_rests_on_it(world: Any) -> None:
    told = world.score(*stay(), model=MODEL)

    assert (told["model"], told["status"]) == (MODEL, "scored")
    assert 0.02 < told["probability"] < 0.5
    inputs = {one["name"]: one for one in told["inputs"]}
    assert (inputs["length-of-stay"]["value"], inputs["diagnoses"]["value"]) == (5, 4)
    assert inputs["medications"]["observation"] == "Encounter/now"
    assert inputs["sex"]["value"] == 0


def test_earlier_stays_raise_it(world: Any) -> None:
    once, often = (world.score(*stay(), *before(n), model=MODEL) for n in (0, 3))

    assert often["probability"] > once["probability"]
    assert often["contributions"][0]["name"] == "inpatient-before"


def test_without_a_stay_it_is_refused(world: Any, make: Any) -> None:
    told = world.score(*make.normal(), model=MODEL)

    assert (told["status"], told["refusal"]["code"]) == ("refused", "missing_inputs")
    assert "length of stay" in told["refusal"]["text"]


def test_somebody_elses_encounter_makes_it_fail(world: Any) -> None:
    other = {**before(1)[0], "subject": {"reference": "Patient/p-2"}}

    answer = world.post({"resources": [*stay(), other], "model": MODEL})

    assert answer.status_code == 422


def test_the_same_is_read_from_the_fhir_server(build: Any, world: Any, make: Any) -> None:
    seeded = build(*stay(), *before(2))

    answer = seeded.post({"patient": "p-1", "model": MODEL, "at": make.at.isoformat()})

    told = decode(answer.data)
    assert told["status"] == "scored"
    assert told["probability"] == (world.score(*stay(), *before(2), model=MODEL)["probability"])


def test_lace_and_hospital_stand_beside_it_and_are_kept(world: Any) -> None:
    told = world.score(*stay(), model=MODEL)

    alone = {name: world.score(*stay(), model=name) for name in ("lace", "hospital")}
    also = {one["model"]: one for one in told["also"]}
    assert list(also) == ["lace", "hospital"]
    assert len({told["record"], *(one["record"] for one in also.values())}) == 3
    for name, one in also.items():
        assert {**one, "record": ""} == {**alone[name], "record": ""}
    assert also["hospital"]["partial"]
    assert "also" not in alone["lace"]
