"""One patient's scores by one model become a line that can be drawn, and its changes of tier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

MOST_POINTS = 200
"""As many as a chart can show; beyond that each stretch of time keeps its extremes."""


@dataclass(frozen=True, slots=True)
class Point:
    """One score: as of when, how high, how urgent, by which version, under which record."""

    at: datetime
    score: Decimal
    tier: str
    version: str
    record: str


@dataclass(frozen=True, slots=True)
class Change:
    """From one score to the next the tier changed."""

    at: datetime
    before: str
    after: str
    record: str


def distinct(points: Sequence[Point]) -> list[Point]:
    """In order of time, of several scores of one moment the last that was made."""
    found = {point.at: point for point in points}
    return [found[at] for at in sorted(found)]


def changes(points: Sequence[Point]) -> list[Change]:
    """Every change of tier, in order."""
    return [
        Change(after.at, before.tier, after.tier, after.record)
        for before, after in pairwise(points)
        if before.tier != after.tier
    ]


def thinned(points: Sequence[Point], *, most: int = MOST_POINTS) -> list[Point]:
    """About `most` of these points of different moments: the ends, and each stretch's extremes.

    So no peak and no trough is lost, however short. All of them when there are not more.
    """
    if len(points) <= most:
        return list(points)
    first, last = points[0].at, points[-1].at
    stretches = max(1, (most - 2) // 2)
    width = (last - first) / stretches
    kept: dict[int, list[Point]] = {}
    for point in points[1:-1]:
        kept.setdefault(int((point.at - first) / width), []).append(point)
    extremes = {
        one.at: one
        for stretch in kept.values()
        for one in (
            min(stretch, key=lambda point: point.score),
            max(stretch, key=lambda point: point.score),
        )
    }
    middle = [extremes[at] for at in sorted(extremes)]
    return [points[0], *middle, points[-1]]
