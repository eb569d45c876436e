"""The feed of an input: lateness, silence, and why it was missing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.risk.monitoring.conftest import AT

from wherry_risk.monitoring.feed import Feed, Limits, feeds
from wherry_risk.monitoring.seen import Level, Seen

Make = Callable[..., Seen]
HOUR = 3600.0


def feed(scores: list[Seen], *, after_h: float = 0.0) -> Feed:
    limits = {"pulse": Limits(HOUR, 4 * HOUR)}
    return feeds(limits, scores, now=AT + timedelta(hours=after_h))[0]


def test_rates_are_of_all_scores_and_reasons_are_counted(seen: Make) -> None:
    whys = ["not_found", "unit", "implausible", "stale"]
    scores = [seen(reasons={"pulse": why}) for why in whys] + [seen(ages_s={"pulse": 60.0})] * 4

    told = feed(scores)

    assert (told.missing, told.unusable, told.too_old) == (0.5, 0.25, 0.125)
    assert told.reasons == {"implausible": 1, "not_found": 1, "stale": 1, "unit": 1}


@pytest.mark.parametrize(("lag_h", "level"), [(0.1, "ok"), (1.0, "warn"), (4.0, "alarm")])
def test_lateness_is_told_from_the_limits_of_the_package(
    seen: Make, lag_h: float, level: str
) -> None:
    scores = [seen(ages_s={"pulse": 60.0}, lags_s={"pulse": lag_h * HOUR})] * 20

    told = feed(scores)

    assert (told.lag_p50_s, told.level) == (lag_h * HOUR, Level(level))


def test_an_input_that_no_longer_comes_is_told_though_old_values_still_hold(seen: Make) -> None:
    scores = [seen(hours=hour, ages_s={"pulse": 0.0}) for hour in range(5)]
    scores += [seen(hours=4 + hour, ages_s={"pulse": hour * HOUR}) for hour in range(1, 6)]

    told = feed(scores, after_h=10)

    assert (told.gap_s, told.silent_s, told.level) == (HOUR, 6 * HOUR, Level.WARN)


def test_a_unit_without_patients_is_not_silent(seen: Make) -> None:
    scores = [seen(hours=hour, ages_s={"pulse": 60.0}) for hour in range(5)]

    told = feed(scores, after_h=48)

    assert told.level is Level.OK
    assert told.silent_s == 44 * HOUR + 60


def test_an_input_that_never_came_is_not_called_well(seen: Make) -> None:
    assert feed([seen(reasons={"pulse": "not_found"})]).level is Level.INSUFFICIENT
