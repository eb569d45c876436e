"""Scope algebra. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

import pytest

from wherry_ehr.auth.scopes import granted, has_access, is_within

LABS = "patient/Observation.rs?category=laboratory"


@pytest.mark.parametrize(
    ("asked", "allowed", "expected"),
    [
        ("launch openid", "launch openid fhirUser", "launch openid"),
        ("openid launch", "launch openid", "openid launch"),
        ("patient/Observation.rs", "patient/Observation.r", "patient/Observation.r"),
        ("patient/Observation.r", "patient/Observation.rs", "patient/Observation.r"),
        ("patient/Observation.cruds", "patient/Observation.cruds", "patient/Observation.cruds"),
        ("patient/Observation.cud", "patient/Observation.rs", ""),
        ("patient/*.rs", "patient/Patient.rs patient/Flag.r", "patient/Patient.rs patient/Flag.r"),
        ("patient/Patient.rs", "patient/*.s", "patient/Patient.s"),
        ("patient/*.s", "patient/*.rs", "patient/*.s"),
        ("patient/Patient.rs patient/Patient.rs", "patient/*.rs", "patient/Patient.rs"),
        ("patient/Patient.sr", "patient/*.rs", ""),
        ("patient/Patient.", "patient/*.rs", ""),
        ("patient/Patient.read", "patient/*.rs", "patient/Patient.read"),
        ("patient/Patient.read", "patient/*.r", "patient/Patient.r"),
        ("patient/Patient.write", "patient/*.cruds", "patient/Patient.write"),
        ("patient/*.*", "patient/Patient.cruds", "patient/Patient.*"),
        ("patient/Patient.rs", "patient/Patient.read", "patient/Patient.rs"),
        ("patient/Patient.Read", "patient/*.rs", ""),
        ("patient/Patient.read?_id=1", "patient/*.rs", ""),
        ("patient/patient.rs", "patient/*.rs", ""),
        ("patient/NoSuchType.rs", "patient/*.rs", ""),
        (LABS, "patient/*.rs", LABS),
        ("patient/Observation.rs", LABS, LABS),
        (LABS, LABS, LABS),
        (LABS, "patient/Observation.rs?status=final", f"{LABS}&status=final"),
        ("patient/*.rs?category=laboratory", "patient/*.rs", ""),
        ("patient/Observation.rs?no-such=1", "patient/*.rs", ""),
        ("patient/Observation.rs?_count=1", "patient/*.rs", ""),
        ("patient/Observation.rs?category=", "patient/*.rs", ""),
        ("patient/Observation.rs?date=ap2020", "patient/*.rs", ""),
        ("patient/Observation.rs?status:not=final", "patient/*.rs", ""),
        ("patient/Observation.rs?code:text=x", "patient/*.rs", ""),
        ("patient/Observation.rs?value-quantity=1", "patient/*.rs", ""),
        ("patient/Observation.rs?subject:Patient._id=x", "patient/*.rs", ""),
        ("patient/Patient.rs?_has:Observation:patient:_id=x", "patient/*.rs", ""),
        ("patient/Patient.rs?deceased=false", "patient/*.rs", ""),
        ("patient/Observation.rs?", "patient/*.rs", ""),
        ("user/Patient.rs", "user/Patient.rs patient/*.rs", "user/Patient.rs"),
        ("user/Patient.rs", "patient/*.rs", ""),
        ("system/*.rs", "system/*.rs", "system/*.rs"),
        ("offline_access launch/encounter", "offline_access", "offline_access"),
        ("launch/encounter?role=urn:a", "launch/encounter", "launch/encounter?role=urn:a"),
        ("https://evil.example/scope", "launch", ""),
        ("", "launch", ""),
    ],
)  # fmt: skip
def test_what_is_granted_is_what_both_sides_name(asked: str, allowed: str, expected: str) -> None:
    """R78, R119, R120, R129, R145."""
    assert granted(asked, allowed) == expected


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        ("patient/Observation.rs", "patient/Observation.rs", True),
        ("patient/Observation.r", "patient/Observation.rs", True),
        ("patient/Observation.rs", "patient/Observation.r patient/Observation.s", True),
        ("patient/Observation.rs", "patient/Observation.r", False),
        ("patient/Observation.rs", "patient/*.rs", True),
        ("patient/*.rs", "patient/Observation.rs", False),
        ("patient/Observation.read", "patient/Observation.rs", True),
        (LABS, "patient/Observation.rs", True),
        ("patient/Observation.rs", LABS, False),
        (f"{LABS}&status=final", LABS, True),
        (LABS, f"{LABS}&status=final", False),
        ("patient/Observation.rs?category=vital-signs", LABS, False),
        ("user/Observation.rs", "patient/Observation.rs", False),
        ("openid", "openid launch", True),
        ("fhirUser", "openid launch", False),
    ],
)
def test_a_refresh_may_ask_for_less_and_for_nothing_more(
    asked: str, held: str, expected: bool
) -> None:
    """R103, R104, R107."""
    assert is_within(asked, held) is expected


def test_identity_alone_is_no_access() -> None:
    assert not has_access("launch openid fhirUser")
    assert has_access("launch patient/Patient.r")
