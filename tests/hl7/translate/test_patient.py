"""PID becomes a Patient. All data are synthetic."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment
from wherry_hl7.translate import Sender

Patient = Callable[..., Resource]
DEFINED = "http://hl7.org/fhir/StructureDefinition/"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def _typed(code: str) -> dict[str, Any]:
    return {"coding": [{"system": V2_0203, "code": code}]}


def test_every_repetition_of_pid_3_is_an_identifier_in_its_own_system(patient: Patient) -> None:
    made = patient(
        {
            3: "1^^^NORTH^MR~2^^^&2.16.840.1.999999.1&ISO^PI~3^^^&not-an-oid&ISO^XX"
            "~4^^^A B&https://ids.example.invalid/a&URI^LOCALTYPE~5~6^^^^SS"
        }
    )

    assert made["identifier"] == [
        {"type": _typed("MR"), "system": "urn:wherry:hl7:LAB:NORTH", "value": "1"},
        {"type": _typed("PI"), "system": "urn:oid:2.16.840.1.999999.1", "value": "2"},
        {"type": _typed("XX"), "system": "urn:wherry:hl7:LAB:not-an-oid", "value": "3"},
        {
            "type": {"text": "LOCALTYPE"},
            "system": "https://ids.example.invalid/a",
            "value": "4",
        },
        {"system": "urn:wherry:hl7:LAB:patient", "value": "5"},
        {"type": _typed("SS"), "system": "http://hl7.org/fhir/sid/us-ssn", "value": "6"},
    ]


def test_the_order_of_pid_3_does_not_change_who_the_patient_is(
    translated: Callable[..., Translation],
) -> None:
    numbers = ["1^^^NORTH^MR", "2^^^REGION^PI", "3"]
    one, other = (
        translated(segment("PID", {3: "~".join(order)})) for order in (numbers, numbers[::-1])
    )

    urls = [made.bundle["entry"][0]["request"]["url"] for made in (one, other)]
    assert urls == ["Patient?identifier=urn:wherry:hl7:LAB:NORTH%7C1"] * 2
    assert one.bundle["entry"][0]["fullUrl"] == other.bundle["entry"][0]["fullUrl"]


@pytest.mark.parametrize(
    ("field", "text", "element", "value"),
    [
        (8, "F", "gender", "female"),
        (8, "M", "gender", "male"),
        (8, "A", "gender", "other"),
        (8, "U", "gender", "unknown"),
        (8, "Female", "gender", "female"),
        (8, "X", "gender", "other"),
        (8, "?", "gender", None),
        (7, "1961", "birthDate", "1961"),
        (7, "19610402", "birthDate", "1961-04-02"),
        (7, "19610230", "birthDate", None),
        (24, "Y", "multipleBirthBoolean", True),
        (25, "2", "multipleBirthInteger", 2),
        (25, "two", "multipleBirthInteger", None),
        (29, "20260101", "deceasedDateTime", "2026-01-01"),
        (30, "Y", "deceasedBoolean", True),
        (30, "N", "deceasedBoolean", False),
        (30, "?", "deceasedBoolean", None),
        (15, "es^^ISO639", "communication", [{"language": {
            "coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}}]),
    ],
)  # fmt: skip
def test_a_field_sets_its_element_or_nothing(
    patient: Patient, field: int, text: str, element: str, value: object
) -> None:
    assert patient({field: text}).get(element) == value


def test_a_birth_time_stands_beside_the_date_it_does_not_shift(patient: Patient) -> None:
    made = patient({7: "19610402233000-0600"})

    url = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
    assert made["birthDate"] == "1961-04-02"
    assert made["_birthDate"] == {
        "extension": [{"url": url, "valueDateTime": "1961-04-02T23:30:00-06:00"}]
    }


def test_the_day_of_death_wins_over_yes(patient: Patient) -> None:
    made = patient({29: "20260101", 30: "Y"})

    assert made["deceasedDateTime"] == "2026-01-01"
    assert "deceasedBoolean" not in made


# Source: HL7 v2-to-FHIR, MaritalStatus
@pytest.mark.parametrize(
    ("code", "system", "mapped", "display"),
    [
        ("M", "v3-MaritalStatus", "M", "Married"),
        ("A", "v3-MaritalStatus", "L", "Legally Separated"),
        ("G", "v3-MaritalStatus", "T", "Domestic partner"),
        ("U", "v3-NullFlavor", "UNK", "unknown"),
    ],
)
def test_marital_status_is_mapped_and_keeps_its_own_code(
    patient: Patient, code: str, system: str, mapped: str, display: str
) -> None:
    tho = "http://terminology.hl7.org/CodeSystem/"

    made = patient({16: code})["maritalStatus"]

    assert made == {
        "coding": [
            {"system": tho + system, "code": mapped, "display": display},
            {"system": tho + "v2-0002", "code": code},
        ]
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Doe^Jo^Q^Jr^Dr^MD^L", {
            "family": "Doe", "given": ["Jo", "Q"], "prefix": ["Dr"], "suffix": ["Jr", "MD"],
            "use": "official"}),
        ("van O'Neil&van&O'Neil^^^^^^D", {
            "family": "van O'Neil", "use": "usual", "_family": {"extension": [
                {"url": f"{DEFINED}humanname-own-prefix", "valueString": "van"},
                {"url": f"{DEFINED}humanname-own-name", "valueString": "O'Neil"}]}}),
        ("^Jo^^^^^BAD", {"given": ["Jo"], "use": "old"}),
        ("^^^^^^L", None),
        ('""^""', None),
    ],
)  # fmt: skip
def test_a_name_is_taken_apart(patient: Patient, text: str, name: object) -> None:
    assert patient({5: text}).get("name") == ([name] if name else None)


@pytest.mark.parametrize(
    ("field", "text", "points"),
    [
        (13, "555-0100", [{"system": "phone", "value": "555-0100", "use": "home"}]),
        (14, "555-0100", [{"system": "phone", "value": "555-0100", "use": "work"}]),
        (13, "^^CP^^^^^^^^^555-0100",
         [{"system": "phone", "value": "555-0100", "use": "mobile"}]),
        (13, "^PRN^PH^^1^555^0100123^9",
         [{"system": "phone", "value": "+1 555 0100123 ext. 9", "use": "home"}]),
        (13, "^NET^Internet^a@example.invalid",
         [{"system": "email", "value": "a@example.invalid", "use": "home"}]),
        (13, "a@example.invalid^NET^Internet",
         [{"system": "email", "value": "a@example.invalid", "use": "home"}]),
        (13, "555-0100^WPN^FX", [{"system": "fax", "value": "555-0100", "use": "work"}]),
        (40, "555-0100", [{"system": "phone", "value": "555-0100"}]),
    ],
)  # fmt: skip
def test_a_number_says_what_it_reaches(
    patient: Patient, field: int, text: str, points: object
) -> None:
    assert patient({field: text})["telecom"] == points


@pytest.mark.parametrize("kind", ["ADT^A01", "ORU^R01"])
def test_a_patient_without_any_number_is_not_made_up(
    translated: Callable[..., Translation], kind: str
) -> None:
    with pytest.raises(Failure) as failed:
        translated(segment("PID", {5: "Doe^Jo"}), kind=kind)

    assert (failed.value.kind, failed.value.at) == (Kind.UNPROCESSABLE, "PID-3")


def test_a_patient_without_any_number_can_be_known_by_the_message(
    translated: Callable[..., Translation],
) -> None:
    made = translated(segment("PID", {5: "Doe^Jo"}), sender=Sender(unidentified=True))

    assert made.bundle["entry"][0]["resource"]["identifier"] == [
        {
            "system": "urn:wherry:hl7:LAB:patient-of-message",
            "value": "LABSYS%2FC-1%2F20260105120000+0000/1",
        }
    ]
    assert "PID-3" in {issue.at for issue in made.warnings}


@pytest.mark.parametrize(
    ("field", "deleted"),
    [
        (8, ("gender",)),
        (11, ("address",)),
        (13, ("telecom:home", "telecom:mobile", "telecom:")),
        (30, ("deceasedBoolean", "deceasedDateTime")),
    ],
)
def test_an_explicit_null_names_what_it_deletes(
    translated: Callable[..., Translation], field: int, deleted: tuple[str, ...]
) -> None:
    made = translated(segment("PID", {3: "7700123^^^NORTH^MR", field: '""'}), kind="ADT^A08")

    assert made.deletes == {made.bundle["entry"][0]["fullUrl"]: deleted}
