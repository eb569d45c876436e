"""Dates exist in the calendar, and two of them are in order."""

from datetime import date, timedelta

import pytest

from wherry.fhir.dates import in_order, is_valid


def test_every_day_of_four_centuries_is_valid_and_no_other() -> None:
    first, last = date(1801, 1, 1), date(2200, 12, 31)
    days = {(first + timedelta(n)).isoformat() for n in range((last - first).days + 1)}

    asked = {
        f"{year:04}-{month:02}-{day:02}"
        for year in range(1801, 2201)
        for month in range(14)
        for day in range(33)
    }

    assert {text for text in asked if is_valid("date", text)} == days


@pytest.mark.parametrize(
    ("kind", "text", "valid"),
    [
        ("dateTime", "2024-02-29T23:59:59.5-14:00", True),
        ("dateTime", "2023-02-29T23:59:59Z", False),
        ("dateTime", "2024-02-29", True),
        ("instant", "2024-02-29", False),
        ("instant", "2024-02-29T00:00:00Z", True),
        ("date", "2024-02-29T00:00:00Z", False),
        ("time", "23:59:60", True),
        ("time", "2024-02-29", False),
        ("dateTime", "2024-02-29T24:00:00Z", False),
        ("dateTime", "2024-02-29T00:00:00-00:00", True),
    ],
)
def test_a_leap_day_is_valid_where_its_kind_allows_it(kind: str, text: str, valid: bool) -> None:
    assert is_valid(kind, text) is valid


@pytest.mark.parametrize(
    ("start", "end", "ordered"),
    [
        ("2026", "2026-05-01", True),
        ("2026-06", "2026-05-31", False),
        ("2026-05", "2026-05-01", True),
        ("2026-05-01T10:00:00Z", "2026-05-01", True),
        ("2026-05-02T10:00:00Z", "2026-05-01", False),
        ("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z", True),
        ("2026-05-01T10:00:01+02:00", "2026-05-01T08:00:00Z", False),
        ("2026-05-01T10:00:00.50Z", "2026-05-01T10:00:00.5Z", True),
        ("2026-05-01T10:00:00.0000000002Z", "2026-05-01T10:00:00.0000000001Z", False),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9Z", False),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", True),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", True),
        ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", False),
    ],
)
def test_order_is_judged_by_what_both_dates_say(start: str, end: str, ordered: bool) -> None:
    assert in_order(start, end) is ordered
