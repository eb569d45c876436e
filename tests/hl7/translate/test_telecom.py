"""XTN becomes ContactPoints. All data are synthetic."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.resource import Resource

Patient = Callable[..., Resource]


@pytest.mark.parametrize(
    ("xtn", "points"),
    [
        ("555-0100", [{"system": "phone", "value": "555-0100", "use": "home"}]),
        ("^WPN^FX^^1^555^0100", [{"system": "fax", "value": "+1 555 0100", "use": "work"}]),
        ("^PRS^CP^^^^^^^^^555 0100", [{"system": "phone", "value": "555 0100", "use": "mobile"}]),
        ("^^SMS^^^^^^^^^555 0100", [{"system": "sms", "value": "555 0100", "use": "home"}]),
        ("555^BPN", [{"system": "pager", "value": "555", "use": "home"}]),
        ("a@example.invalid^NET", [{"system": "email", "value": "a@example.invalid"}]),
        ("^NET^Internet^https://a.invalid", [{"system": "url", "value": "https://a.invalid"}]),
        ("^PRN^PH^^^^555^7", [{"system": "phone", "value": "555 ext. 7", "use": "home"}]),
        (
            "^PRN^PH^^^^^7^^^^555 0100",
            [
                {
                    "system": "phone",
                    "value": "555 0100",
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/contactpoint-extension",
                            "valueString": "7",
                        }
                    ],
                    "use": "home",
                }
            ],
        ),
        (
            "^PRN^PH^^^^^^^^^555^20250101^20260101^^^^2",
            [
                {
                    "system": "phone",
                    "value": "555",
                    "period": {"start": "2025-01-01", "end": "2026-01-01"},
                    "rank": 2,
                    "use": "home",
                }
            ],
        ),
    ],
)
def test_a_number_is_of_a_system_and_for_a_use(
    patient: Patient, xtn: str, points: list[dict[str, Any]]
) -> None:
    said = patient({13: xtn})["telecom"]

    assert said == [{"use": "home", **point} for point in points]


@pytest.mark.parametrize("xtn", ["^PRN^PH", "^^", "^PRN^Internet"])
def test_what_holds_no_number_is_no_contact_point(patient: Patient, xtn: str) -> None:
    assert "telecom" not in patient({13: xtn})
