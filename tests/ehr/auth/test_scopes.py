"""Scope algebra. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

import pytest

from wherry_ehr.auth.scopes import allows, granted, has_access


@pytest.mark.parametrize(
    ("asked", "allowed", "expected"),
    [
        ("launch openid", "launch openid fhirUser", "launch openid"),
        ("openid launch", "launch openid", "openid launch"),
        ("patient/Observation.rs", "patient/Observation.r", "patient/Observation.r"),
        ("patient/Observation.r", "patient/Observation.rs", "patient/Observation.r"),
        ("patient/Observation.cruds", "patient/Observation.cruds", "patient/Observation.rs"),
        ("patient/Observation.cud", "patient/Observation.cruds", ""),
        ("patient/*.rs", "patient/Patient.rs patient/Flag.r", "patient/Patient.rs patient/Flag.r"),
        ("patient/Patient.rs", "patient/*.s", "patient/Patient.s"),
        ("patient/*.s", "patient/*.rs", "patient/*.s"),
        ("patient/Patient.rs patient/Patient.rs", "patient/*.rs", "patient/Patient.rs"),
        ("patient/Patient.sr", "patient/*.rs", ""),
        ("patient/Patient.", "patient/*.rs", ""),
        ("patient/Patient.read", "patient/*.rs", ""),
        ("patient/patient.rs", "patient/*.rs", ""),
        ("patient/Observation.rs?category=vital-signs", "patient/*.rs", ""),
        ("user/Patient.rs", "user/Patient.rs patient/*.rs", ""),
        ("system/*.rs", "system/*.rs", ""),
        ("offline_access launch/encounter", "offline_access launch/encounter", "launch/encounter"),
        ("", "launch", ""),
    ],
)  # fmt: skip
def test_what_is_granted_is_what_both_sides_name(asked: str, allowed: str, expected: str) -> None:
    """R78, R119, R120, R129, R145."""
    assert granted(asked, allowed) == expected


@pytest.mark.parametrize(
    ("scope", "type_", "letter", "expected"),
    [
        ("patient/Observation.rs", "Observation", "r", True),
        ("patient/Observation.rs", "Observation", "s", True),
        ("patient/Observation.r", "Observation", "s", False),
        ("patient/Observation.s", "Observation", "r", False),
        ("patient/Observation.rs", "Patient", "r", False),
        ("patient/*.r", "Patient", "r", True),
        ("launch openid", "Patient", "r", False),
        ("patient/Observation.r patient/Observation.s", "Observation", "s", True),
    ],
)
def test_a_scope_allows_what_it_names(scope: str, type_: str, letter: str, expected: bool) -> None:
    """R95, R121, R125."""
    assert allows(scope, type_, letter) is expected


def test_identity_alone_is_no_access() -> None:
    assert not has_access("launch openid fhirUser")
    assert has_access("launch patient/Patient.r")
