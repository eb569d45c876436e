"""What HL7 calls a repeat pattern, as FHIR says it."""

from decimal import Decimal
from typing import Any

import pytest

from wherry_hl7.translate.repeat import ending, lasting, per_time, repeat_of


def every(period: str, unit: str, frequency: int = 1, **more: Any) -> dict[str, Any]:
    return {"frequency": frequency, "period": Decimal(period), "periodUnit": unit, **more}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("Q6H", every("6", "h")),
        ("Q30M", every("30", "min")),
        ("Q2D", every("2", "d")),
        ("Q1W", every("1", "wk")),
        ("Q3L", every("3", "mo")),
        ("Q4-6H", every("4", "h", periodMax=Decimal(6))),
        ("BID", every("1", "d", 2)),
        ("bid", every("1", "d", 2)),
        ("TID", every("1", "d", 3)),
        ("QID", every("1", "d", 4)),
        ("5ID", every("1", "d", 5)),
        ("QOD", every("2", "d")),
        ("QSHIFT", every("1", "d", 3)),
        ("QAM", every("1", "d", when=["MORN"])),
        ("QHS", every("1", "d", when=["HS"])),
        ("ACM", {"when": ["ACM"]}),
        ("QJ135", every("1", "wk", 3, dayOfWeek=["mon", "wed", "fri"])),
        ("Q2J7", every("2", "wk", dayOfWeek=["sun"])),
        ("Once", {"count": 1}),
    ],
)
def test_a_pattern_of_table_0335_says_how_often(pattern: str, said: dict[str, Any]) -> None:
    assert repeat_of(pattern) == (said, False)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("PRN", {}),
        ("PRNQ6H", every("6", "h")),
        ("Q6H PRN", every("6", "h")),
        ("BID,PRN", every("1", "d", 2)),
        ("Q4HPRN", every("4", "h")),
    ],
)
def test_prn_says_as_needed_whatever_else_is_said(pattern: str, said: dict[str, Any]) -> None:
    assert repeat_of(pattern) == (said, True)


@pytest.mark.parametrize("pattern", ["", "C", "U 0 9 * * 1-5", "Q0H", "QXH", "BID TID", "0ID", "P"])
def test_a_pattern_that_fhir_has_no_words_for_says_nothing(pattern: str) -> None:
    assert repeat_of(pattern) == ({}, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("X3", {"count": 3}),
        ("INDEF", {}),
        ("T1000", {}),
        ("X0", {}),
        ("", {}),
    ],
)
def test_a_duration_may_be_a_number_of_times(text: str, said: dict[str, Any]) -> None:
    assert lasting(text) == said


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("D7", "7", "d"),
        ("W2", "2", "wk"),
        ("L3", "3", "mo"),
        ("M30", "30", "min"),
        ("h1", "1", "h"),
    ],
)
def test_a_duration_is_a_letter_and_a_number(text: str, value: str, unit: str) -> None:
    made = {
        "value": Decimal(value),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": unit,
    }

    assert per_time(text) == made
    assert lasting(text) == {"boundsDuration": made}


@pytest.mark.parametrize(
    ("start", "lasts", "end"),
    [
        ("2026-01-05T08:00:00+01:00", "D7", "2026-01-12T08:00:00+01:00"),
        ("2026-01-05T08:00:00+01:00", "M90", "2026-01-05T09:30:00+01:00"),
        ("2026-01-05", "W2", "2026-01-19"),
        ("2026-01-05", "L1", None),
        ("2026-01", "D1", None),
        ("9999-12-31", "D1", None),
    ],
)
def test_a_start_and_a_length_have_an_end_where_it_can_be_told(
    start: str, lasts: str, end: str | None
) -> None:
    assert ending({"start": start}, per_time(lasts)).get("end") == end
