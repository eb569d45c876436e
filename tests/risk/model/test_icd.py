"""ICD-9-CM and ICD-10-CM codes of one condition mean the same; their neighbours do not."""

import pytest

from wherry_risk.model.icd import (
    CONDITIONS,
    ICD9CM,
    ICD10CM,
    conditions,
)

# Pairs from the general equivalence mappings of CMS: one condition in both revisions.
SAME = (
    ("heart-failure", "428.0", "I50.9"),
    ("heart-failure", "402.91", "I11.0"),
    ("chronic-lung", "496", "J44.9"),
    ("chronic-lung", "493.90", "J45.909"),
    ("chronic-kidney", "585.6", "N18.6"),
    ("chronic-kidney", "403.91", "I12.0"),
    ("cancer", "162.9", "C34.90"),
    ("ischaemic-heart", "414.01", "I25.10"),
    ("ischaemic-heart", "410.71", "I21.4"),
    ("cerebrovascular", "434.91", "I63.50"),
    ("liver", "571.2", "K70.30"),
    ("diabetes-complicated", "250.60", "E11.40"),
    ("diabetes-complicated", "250.40", "E11.21"),
)


@pytest.mark.parametrize(("name", "old", "new"), SAME)
def test_both_revisions_give_the_condition(name: str, old: str, new: str) -> None:
    assert name in conditions([(ICD9CM, old)])
    assert name in conditions([(ICD10CM, new)])


def test_every_condition_is_tried() -> None:
    assert {name for name, _, _ in SAME} == set(CONDITIONS)


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (ICD9CM, "250.00"),
        (ICD10CM, "E11.9"),
        (ICD9CM, "429.9"),
        (ICD10CM, "I51.9"),
        (ICD9CM, "210.1"),
        (ICD10CM, "D12.6"),
        (ICD10CM, "E11.65"),  # .65 is hyperglycaemia and belongs
        (ICD9CM, "V58.67"),
        ("http://snomed.info/sct", "428"),
    ],
)
def test_neighbours_are_told_apart(system: str, code: str) -> None:
    expected = {"diabetes-complicated"} if code == "E11.65" else set()

    assert conditions([(system, code)]) == expected
