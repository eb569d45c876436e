"""A line of scores, thinned so that no peak is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry_risk.model.trend import Point, changes, distinct, thinned

START = datetime(2026, 3, 1, tzinfo=UTC)


def point(minute: int, score: int, tier: str = "low") -> Point:
    return Point(
        START + timedelta(minutes=minute), Decimal(score), tier, "1", f"r-{minute}-{score}"
    )


def test_few_points_stay_as_they_are() -> None:
    points = [point(n, n % 3) for n in range(200)]

    assert thinned(points) == points


@given(st.lists(st.integers(0, 20), min_size=30, max_size=300))
def test_ends_peaks_and_troughs_stay_and_the_number_is_bounded(scores: list[int]) -> None:
    points = [point(n, score) for n, score in enumerate(scores)]

    kept = thinned(points, most=20)

    assert len(kept) <= 22
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert max(one.score for one in kept) == max(scores)
    assert min(one.score for one in kept) == min(scores)
    assert [one.at for one in kept] == sorted({one.at for one in kept})


def test_points_a_microsecond_apart_are_thinned_too() -> None:
    close = [replace(point(0, n % 5), at=START + timedelta(microseconds=n)) for n in range(300)]

    assert len(thinned(close)) <= 202


def test_of_one_moment_the_last_that_was_made_counts() -> None:
    assert distinct([point(5, 1), point(3, 2), point(5, 4)]) == [point(3, 2), point(5, 4)]


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        (["low", "low"], []),
        (["low", "high", "high", "low"], [("low", "high"), ("high", "low")]),
        ([], []),
    ],
)
def test_changes_of_tier_are_told(tiers: list[str], expected: list[tuple[str, str]]) -> None:
    points = [point(n, 0, tier) for n, tier in enumerate(tiers)]

    assert [(one.before, one.after) for one in changes(points)] == expected
