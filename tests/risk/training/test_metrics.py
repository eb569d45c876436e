"""The figures of a model, against values worked out by hand or by definition."""

import numpy as np
import pytest

from wherry_risk.training.metrics import (
    auprc,
    auroc,
    brier,
    drawn,
    ece,
    logistic,
    logit,
    o_e,
    operating_point,
    sigmoid,
    slope,
)

Y = np.array([False, False, True, True])


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.1, 0.4, 0.35, 0.8], 0.75),
        ([0.1, 0.2, 0.3, 0.4], 1.0),
        ([0.4, 0.3, 0.2, 0.1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        ([0.1, 0.5, 0.5, 0.9], 0.875),
    ],
)
def test_auroc(p: list[float], expected: float) -> None:
    assert auroc(Y, np.array(p)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.1, 0.4, 0.35, 0.8], 1 / 2 * 1 + 1 / 2 * 2 / 3),
        ([0.1, 0.2, 0.3, 0.4], 1.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
    ],
)
def test_auprc_is_average_precision(p: list[float], expected: float) -> None:
    assert auprc(Y, np.array(p)) == pytest.approx(expected)


def test_brier_and_observed_over_expected() -> None:
    p = np.array([0.0, 0.5, 0.5, 1.0])

    assert brier(Y, p) == pytest.approx((0 + 0.25 + 0.25 + 0) / 4)
    assert o_e(Y, p) == pytest.approx(2 / 2)


def test_calibration_error_of_two_bins() -> None:
    p = np.array([0.1, 0.3, 0.6, 0.8])

    assert ece(Y, p, bins=2) == pytest.approx((abs(0.2 - 0) + abs(0.7 - 1)) / 2)


def test_figures_without_events_are_not_defined() -> None:
    nobody = np.zeros(4, dtype=bool)

    assert np.isnan(auroc(nobody, np.arange(4.0)))
    assert np.isnan(auprc(nobody, np.arange(4.0)))


def test_probabilities_that_are_true_have_slope_one_and_too_extreme_ones_less() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(-1, 1, 40_000)
    y = random.random(40_000) < sigmoid(truth)

    assert slope(y, sigmoid(truth)) == pytest.approx(1, abs=0.04)
    assert slope(y, sigmoid(2 * truth)) == pytest.approx(0.5, abs=0.03)


def test_platt_scaling_recovers_what_was_distorted() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(-1, 1, 40_000)
    y = random.random(40_000) < sigmoid(truth)

    assert logistic(y, (truth - 0.5) / 2) == pytest.approx((2, 0.5), abs=0.06)


def test_logit_is_finite_at_the_ends() -> None:
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()


def test_weights_are_repetitions() -> None:
    random = np.random.default_rng(3)
    p = np.round(random.random(300), 2)
    y = random.random(300) < p
    times = random.integers(0, 4, 300)
    repeated = np.repeat(y, times), np.repeat(p, times)

    for metric in (auroc, auprc, brier, o_e, slope):
        assert metric(y, p, times.astype(float)) == pytest.approx(metric(*repeated), abs=1e-6)


def test_people_are_drawn_with_all_their_rows_and_always_the_same() -> None:
    person = np.array(["a", "a", "b", "c", "c", "c"])

    draws = drawn(person, seed=7, rounds=50)

    assert all(one[0] == one[1] and one[3] == one[4] == one[5] for one in draws)
    assert {float(one[[0, 2, 3]].sum()) for one in draws} == {3.0}
    assert all((a == b).all() for a, b in zip(draws, drawn(person, seed=7, rounds=50), strict=True))


def test_an_operating_point() -> None:
    told = operating_point(Y, np.array([0.1, 0.4, 0.35, 0.8]), 0.35)

    assert told == pytest.approx({"flag": 0.75, "sens": 1.0, "spec": 0.5, "ppv": 2 / 3, "npv": 1.0})
