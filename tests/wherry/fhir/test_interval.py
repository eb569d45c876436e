"""Dates of every precision become the spans that they cover."""

import pytest

from wherry.errors import Failure, Kind
from wherry.fhir.interval import AFTER_ALL, BEFORE_ALL, PREFIXES, holds, interval, span

SECOND = 1_000_000
DAY = 86_400 * SECOND
NEW_YEAR_2024 = 1_704_067_200 * SECOND


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("2024", NEW_YEAR_2024, 366 * DAY),
        ("2024-02", NEW_YEAR_2024 + 31 * DAY, 29 * DAY),
        ("2023-12", NEW_YEAR_2024 - 31 * DAY, 31 * DAY),
        ("2024-01-01", NEW_YEAR_2024, DAY),
        ("2024-01-01T00:00Z", NEW_YEAR_2024, 60 * SECOND),
        ("2024-01-01T00:00", NEW_YEAR_2024, 60 * SECOND),
        ("2024-01-01T00:00:00Z", NEW_YEAR_2024, SECOND),
        ("2024-01-01T00:00:00", NEW_YEAR_2024, SECOND),
        ("2024-01-01T01:00:00+01:00", NEW_YEAR_2024, SECOND),
        ("2024-01-01T00:00:00.5Z", NEW_YEAR_2024 + SECOND // 2, SECOND // 10),
        ("2024-01-01T00:00:00.250Z", NEW_YEAR_2024 + SECOND // 4, 1000),
        ("2024-01-01T00:00:00.123456789Z", NEW_YEAR_2024 + 123_456, 1),
    ],
)
def test_a_date_covers_its_precision(text: str, start: int, length: int) -> None:
    assert interval(text) == (start, start + length)


@pytest.mark.parametrize(
    "text", ["", "soon", "24", "2024-13", "2024-02-30", "2024-1-1", "2024-01-01T", "0000", "٢٠٢٤"]
)
def test_what_is_no_date_is_invalid(text: str) -> None:
    with pytest.raises(Failure) as caught:
        interval(text)

    assert caught.value.kind is Kind.INVALID


def test_the_last_year_has_no_end() -> None:
    assert interval("9999")[1] == interval("9999-12")[1] == AFTER_ALL


def test_a_period_may_be_open() -> None:
    assert span({"start": "2024-01-01"}) == (NEW_YEAR_2024, AFTER_ALL)
    assert span({"end": "2024-01-01"}) == (BEFORE_ALL, NEW_YEAR_2024 + DAY)


# Source: FHIR R4 search, 3.1.1.4.5: which prefixes hold for a target on [start, stop) and [10, 20).
@pytest.mark.parametrize(
    ("target", "holding"),
    [
        ((10, 20), {"eq", "ge", "le", "ap"}),
        ((12, 15), {"eq", "ge", "le", "ap"}),
        ((5, 15), {"ne", "lt", "le", "ap"}),
        ((15, 25), {"ne", "gt", "ge", "ap"}),
        ((5, 25), {"ne", "lt", "le", "gt", "ge", "ap"}),
        ((1, 10), {"ne", "lt", "le", "eb"}),
        ((20, 30), {"ne", "gt", "ge", "sa"}),
    ],
)
def test_each_prefix_holds_as_the_standard_says(target: tuple[int, int], holding: set[str]) -> None:
    assert {prefix for prefix in PREFIXES if holds(prefix, target, (10, 20))} == holding
