"""Files of outcomes: read whole or refused at a line, and nothing of a patient is repeated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wherry.errors import Failure
from wherry_risk.lifecycle.outcome_file import read_outcomes
from wherry_risk.monitoring.outcomes import Happening, Outcome

AT = datetime(2026, 10, 1, 8, tzinfo=UTC)


def written(tmp_path: Path, text: str, name: str = "outcomes.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_and_ndjson_say_the_same(tmp_path: Path) -> None:
    table = written(tmp_path, "\ufeffpatient,encounter,kind,happened,at\n"
                    "Patient/p-1,e-1,sepsis_onset,,2026-10-01T08:00:00Z\n"
                    "p-2,,death_in_hospital,no,2026-10-01T10:00:00+02:00\n")  # fmt: skip
    lines = written(
        tmp_path,
        '{"patient": "p-1", "encounter": "e-1", "kind": "sepsis_onset", '
        '"at": "2026-10-01T08:00:00Z"}\n\n'
        '{"patient": "p-2", "kind": "death_in_hospital", "happened": false, '
        '"at": "2026-10-01T10:00:00+02:00"}\n',
        "outcomes.ndjson",
    )

    told = list(read_outcomes(table))

    assert told == list(read_outcomes(lines))
    assert told == [
        Outcome("p-1", "e-1", Happening.SEPSIS_ONSET, True, AT, "file"),
        Outcome("p-2", "", Happening.DEATH_IN_HOSPITAL, False, AT, "file"),
    ]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("p-secret,fell_down,yes,2026-10-01T08:00:00Z", "line 3, kind"),
        ("p-secret,sepsis_onset,maybe,2026-10-01T08:00:00Z", "line 3, happened"),
        ("p-secret,sepsis_onset,yes,2026-10-01", "line 3, at"),
        (",sepsis_onset,yes,2026-10-01T08:00:00Z", "line 3, patient"),
        ("p-secret,sepsis_onset,yes,2026-10-01T08:00:00Z,p-secret", "line 3"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_repeated(
    tmp_path: Path, line: str, at: str
) -> None:
    path = written(tmp_path, "patient,kind,happened,at\n"
                   f"p-1,sepsis_onset,yes,2026-10-01T08:00:00Z\n{line}\n")  # fmt: skip

    with pytest.raises(Failure) as caught:
        list(read_outcomes(path))

    assert caught.value.at == at
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[1]\n", "line 1"),
        ("{\n", "line 1"),
        ('\n{"patient": ["p"], "kind": "sepsis_onset", "at": ""}\n', "line 2, patient"),
        ('{"patient": "p", "when": ""}\n', "line 1"),
    ],
)
def test_a_line_of_ndjson_that_is_no_outcome_is_named(tmp_path: Path, text: str, at: str) -> None:
    with pytest.raises(Failure) as caught:
        list(read_outcomes(written(tmp_path, text, "o.ndjson")))

    assert caught.value.at == at


def test_a_header_that_lacks_a_column_says_which(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no at"):
        list(read_outcomes(written(tmp_path, "patient,kind\n")))
