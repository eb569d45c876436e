"""PID-10, PID-22 and a result of birth sex become US Core extensions. All data are synthetic."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Patient = Callable[..., Resource]
RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"


def _extension(resource: Resource, url: str) -> list[tuple[str, str]] | None:
    """The parts of the extension, each as its name and its code or text."""
    for one in resource.get("extension", ()):
        if one["url"] == url:
            parts: list[dict[str, Any]] = one["extension"]
            return [
                (part["url"], part.get("valueCoding", {}).get("code") or part["valueString"])
                for part in parts
            ]
    return None


@pytest.mark.parametrize(
    ("pid10", "parts"),
    [
        ("2106-3^White^CDCREC", [("ombCategory", "2106-3"), ("text", "White")]),
        ("2106-3^White^HL70005", [("ombCategory", "2106-3"), ("text", "White")]),
        ("2106-3^White^99LOCAL", [("ombCategory", "2106-3"), ("text", "White")]),
        (
            "2034-7^Chinese^CDCREC",
            [("ombCategory", "2028-9"), ("detailed", "2034-7"), ("text", "Chinese")],
        ),
        (
            "2106-3^White^CDCREC~2106-3^White^CDCREC~2028-9^^CDCREC",
            [("ombCategory", "2106-3"), ("ombCategory", "2028-9"), ("text", "White, Asian")],
        ),
        ("2131-1^Other^CDCREC", [("detailed", "2131-1"), ("text", "Other")]),
        ("W^White^99LOCAL", None),
        ("zz^Nothing known^CDCREC", None),
    ],
)
def test_race_is_said_as_far_as_its_codes_are_known(
    patient: Patient, pid10: str, parts: list[tuple[str, str]] | None
) -> None:
    assert _extension(patient({10: pid10}), RACE) == parts


def test_a_race_that_is_not_known_is_listed_as_not_mapped(
    translated: Callable[..., Translation],
) -> None:
    pid = segment("PID", {3: "1^^^NORTH^MR", 10: "W^White^99LOCAL"})

    made = translated(pid, kind="ADT^A08")

    assert "PID-10" in {issue.at for issue in made.unmapped}


def test_a_deleted_race_takes_back_the_extension(translated: Callable[..., Translation]) -> None:
    made = translated(segment("PID", {3: "1^^^NORTH^MR", 10: '""'}), kind="ADT^A08")

    assert list(made.deletes.values()) == [(f"extension:{RACE}",)]


def test_the_sex_assigned_at_birth_is_a_result_and_not_pid_8(
    translated: Callable[..., Translation],
) -> None:
    obx = segment("OBX", {1: "1", 2: "CWE", 3: "76689-9^Sex at birth^LN", 5: "M^Male", 11: "F"})

    made = translated(segment("PID", {3: "1^^^NORTH^MR", 8: "F"}), obx, kind="ADT^A08")

    patient = made.bundle["entry"][0]["resource"]
    assert patient["gender"] == "female"
    assert {"url": BIRTH_SEX, "valueCode": "M"} in patient["extension"]
