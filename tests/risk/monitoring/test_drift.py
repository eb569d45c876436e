"""Drift: the index, the tests and their correction; scipy is the oracle."""

import numpy as np
import pytest
from scipy import stats

from wherry_risk.monitoring.drift import (
    Drift,
    Limits,
    chi2_p,
    corrected,
    drift_of,
    drifts,
    ks_p,
    psi,
    shares_of,
)
from wherry_risk.monitoring.seen import Level

EVEN = {"edges": [10.0, 20.0, 30.0], "shares": [0.2, 0.2, 0.2, 0.2], "missing": 0.2}


def test_a_value_at_an_edge_belongs_below_it_and_what_is_missing_has_a_bin_of_its_own() -> None:
    shares = shares_of(np.array([10.0, 10.5, 31.0, np.nan]), [10.0, 20.0, 30.0])

    assert shares.tolist() == [0.25, 0.25, 0.0, 0.25, 0.25]


def test_the_index_is_that_of_the_books() -> None:
    before, now = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])

    assert psi(before, now) == pytest.approx(-0.2 * np.log(0.6) + 0.2 * np.log(2))
    assert psi(before, before) == 0


@pytest.mark.parametrize("degrees", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("statistic", [0.1, 3.0, 25.0])
def test_the_chance_of_a_chi_squared_is_scipys(statistic: float, degrees: int) -> None:
    assert chi2_p(statistic, degrees) == pytest.approx(stats.chi2.sf(statistic, degrees), rel=1e-9)


@pytest.mark.parametrize("distance", [0.01, 0.03, 0.05, 0.1])
def test_the_chance_of_a_distance_is_about_scipys(distance: float) -> None:
    exact = stats.kstwo.sf(distance, round(3000 * 2000 / 5000))

    assert ks_p(distance, 3000, 2000) == pytest.approx(exact, abs=0.01)


def test_correcting_for_many_tests_never_makes_one_surer_and_keeps_their_order() -> None:
    def drift(p: float | None) -> Drift:
        return Drift("x", 600, 0.0, 0.0, 0.0, "ks", 0.1, p, Level.OK)

    told = corrected([drift(0.03), drift(None), drift(0.001), drift(0.02)])

    assert [one.p for one in told] == [0.04, None, 0.003, 0.04]


def test_few_rows_say_nothing() -> None:
    told = drift_of("x", np.full(499, 99.0), EVEN, rows=5000, limits=Limits())

    assert (told.level, told.psi, told.p) == (Level.INSUFFICIENT, None, None)


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ([5.0, 15.0, 25.0, 35.0, np.nan], Level.OK),
        ([5.0, 5.0, 15.0, 15.0, 25.0, 25.0, 25.0, 35.0, np.nan, np.nan], Level.WARN),
        ([35.0, 35.0, 35.0, 35.0, 5.0], Level.ALARM),
    ],
)
def test_the_level_follows_the_index(values: list[float], level: Level) -> None:
    told = drift_of("x", np.tile(values, 200), EVEN, rows=5000, limits=Limits())

    assert told.level is level


def test_what_goes_missing_is_drift_too() -> None:
    values = np.tile([5.0, 15.0, 25.0, 35.0, *[np.nan] * 4], 100)

    told = drift_of("x", values, EVEN, rows=5000, limits=Limits())

    assert (told.missing, told.missing_before) == (0.5, 0.2)
    assert told.level is Level.ALARM


def test_a_flag_is_compared_by_chi_squared_of_two_samples() -> None:
    flag = {"edges": [0.0], "shares": [0.9, 0.1], "missing": 0.0}
    values = np.tile([0.0, 0.0, 0.0, 1.0], 200)

    told = drift_of("x", values, flag, rows=1000, limits=Limits())

    table = [[900, 100], [600, 200]]
    assert told.test == "chi2"
    assert told.statistic == pytest.approx(stats.chi2_contingency(table, correction=False)[0])


def test_the_score_is_watched_beside_the_features() -> None:
    random = np.random.default_rng(1)
    reference = {"rows": 5000, "features": {"a": EVEN}, "score": EVEN}

    told = drifts(["a"], random.random((600, 1)) * 40, random.random(600), reference,
                  limits=Limits())  # fmt: skip

    assert [(one.name, one.level) for one in told] == [("a", Level.ALARM), ("score", Level.ALARM)]
