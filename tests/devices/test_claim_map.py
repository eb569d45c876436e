"""Each claim about a device gateway has tests that bear its number, where the README says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "services" / "devices" / "README.md"
_ROW = re.compile(r"^\| (B\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = {claim: (says, where) for claim, says, where in _ROW.findall(README.read_text())}
MEASURED = "B10"
"""The one claim that is a figure and no test of right and wrong."""


def test_there_are_twelve_claims() -> None:
    assert list(ROWS) == [f"B{number}" for number in range(1, 13)]


@pytest.mark.parametrize("claim", ROWS)
def test_a_claim_is_proved_in_the_files_that_the_readme_names(claim: str) -> None:
    files = [ROOT / name for name in re.findall(r"`([\w/.]+\.py)`", ROWS[claim][1])]

    assert files
    for file in files:
        assert file.is_file(), file
        if claim != MEASURED:
            assert f"def test_{claim.lower()}_" in file.read_text(), file
