"""What a lent token permits, by its scope in either dialect."""

import pytest

from wherry_cds.protocol.authorization import Authorization

READ, SEARCH = "r", "s"
CASES = [
    ("patient/Observation.read", "Observation", "rs"),
    ("patient/*.read", "Observation", "rs"),
    ("user/*.*", "Observation", "rs"),
    ("system/Observation.rs", "Observation", "rs"),
    ("patient/Observation.r", "Observation", "r"),
    ("patient/Observation.s", "Observation", "s"),
    ("patient/Observation.cruds", "Observation", "rs"),
    ("patient/Observation.rs?category=laboratory", "Observation", "rs"),
    ("launch openid patient/Patient.rs patient/Observation.s", "Observation", "s"),
    ("patient/Observation.write", "Observation", ""),
    ("patient/Observation.c", "Observation", ""),
    ("patient/Patient.rs", "Observation", ""),
    ("patient/Observation", "Observation", ""),
    ("patient/Observation.sr", "Observation", ""),
    ("other/Observation.rs", "Observation", ""),
    ("openid fhirUser", "Observation", ""),
    ("", "Observation", ""),
]


@pytest.mark.parametrize(("scope", "type_", "may"), CASES)
def test_a_scope_permits_reads_and_searches(scope: str, type_: str, may: str) -> None:
    lent = Authorization("made-up", 300, scope)

    assert (lent.permits(type_, search=False), lent.permits(type_, search=True)) == (
        READ in may,
        SEARCH in may,
    )


@pytest.mark.parametrize(("left_s", "usable"), [(1, True), (0, False), (-5, False)])
def test_a_token_that_is_over_is_of_no_use(left_s: int, usable: bool) -> None:
    assert Authorization("made-up", left_s, "patient/*.rs").usable is usable


def test_a_token_does_not_show_itself() -> None:
    assert "made-up" not in repr(Authorization("made-up", 300, "patient/*.rs"))
