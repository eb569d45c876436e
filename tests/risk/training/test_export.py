"""The exported graph says what LightGBM says, on quantised values, gaps and thresholds too."""

from typing import Any

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from wherry.errors import Failure
from wherry_risk.onnx.session import open_session
from wherry_risk.training.boost import Bag
from wherry_risk.training.export import INPUT, floor32, to_onnx
from wherry_risk.training.metrics import sigmoid

WIDTH, SLOPE, INTERCEPT = 6, 0.9, -0.2


def rows(n: int, seed: int) -> NDArray[np.float32]:
    """Made-up laboratory-like values: one decimal, gaps in all columns but the last."""
    random = np.random.default_rng(seed)
    made = np.round(random.normal(10, 4, (n, WIDTH)), 1)
    gaps = random.random(made.shape) < 0.3
    gaps[:, -1] = False
    made[gaps] = np.nan
    made[:, 2] = np.where(np.isnan(made[:, 2]), np.nan, 1.0)  # known only as 1, as ventilation is
    return made.astype(np.float32)


@pytest.fixture(scope="module")
def trees() -> Any:
    data = rows(3000, 1)
    filled = np.nan_to_num(data, nan=6)
    chance = sigmoid((filled[:, 0] + filled[:, 1] - filled[:, 5] - 8) / 3)
    died = (np.random.default_rng(2).random(3000) < chance).astype(int)
    parameters = {"objective": "binary", "num_leaves": 8, "verbosity": -1, "num_threads": 1}
    return lightgbm.train({**parameters, "seed": 3}, lightgbm.Dataset(data, died), 60)


@pytest.fixture(scope="module")
def session(trees: Any) -> Any:
    model = to_onnx(
        trees.dump_model()["tree_info"],
        names=[f"f{n}" for n in range(WIDTH)],
        slope=SLOPE,
        intercept=INTERCEPT,
        metadata={"id": "made-up"},
    )
    return open_session(model, INPUT)


def thresholds(part: dict[str, Any]) -> list[tuple[int, float]]:
    if "split_feature" not in part:
        return []
    own = [(part["split_feature"], part["threshold"])]
    return own + thresholds(part["left_child"]) + thresholds(part["right_child"])


def at_thresholds(trees: Any) -> NDArray[np.float32]:
    splits = [s for t in trees.dump_model()["tree_info"] for s in thresholds(t["tree_structure"])]
    made = np.repeat(rows(len(splits), 5), 3, axis=0)
    for n, (feature, threshold) in enumerate(splits):
        near = np.float32(min(threshold, 1e30))
        for step, end in ((0, near), (1, np.float32(np.inf)), (2, np.float32(-np.inf))):
            made[3 * n + step, feature] = np.nextafter(near, end)
    return made


def test_probability_and_margin_equal_lightgbm(trees: Any, session: Any) -> None:
    data = np.concatenate([rows(2000, 4), at_thresholds(trees)])

    probability, margin, _ = session.run(data)

    expected = trees.predict(data, raw_score=True)
    assert np.abs(margin[:, 0] - expected).max() < 5e-6  # of sums of 60 float32
    assert np.abs(probability[:, 0] - sigmoid(SLOPE * expected + INTERCEPT)).max() < 1e-6


def test_contributions_sum_to_the_margin_but_for_one_constant(session: Any) -> None:
    _, margin, parts = session.run(rows(500, 6))

    base = margin[:, 0] - parts.sum(axis=1)
    assert np.ptp(base) < 1e-5


def test_a_gap_where_training_had_none_is_read_as_zero_like_lightgbm(
    trees: Any, session: Any
) -> None:
    gap, zero = rows(50, 7), rows(50, 7)
    gap[:, -1], zero[:, -1] = np.nan, 0.0

    assert np.array_equal(session.run(gap)[1], session.run(zero)[1])
    assert np.abs(session.run(gap)[1][:, 0] - trees.predict(gap, raw_score=True)).max() < 1e-6


@pytest.mark.parametrize("threshold", [0.1, -0.1, 10.05, 1e-35, 1.7976931348623157e308])
def test_a_rounded_threshold_parts_the_same_float32_values(threshold: float) -> None:
    kept = floor32(threshold)
    near = np.float32(kept)

    assert kept <= threshold
    with np.errstate(over="ignore"):
        above = np.nextafter(near, np.float32(np.inf))
    assert float(above) > threshold or np.isinf(above)


def test_a_split_of_another_kind_is_refused(trees: Any) -> None:
    told = trees.dump_model()["tree_info"]
    told[0]["tree_structure"]["decision_type"] = "=="

    with pytest.raises(Failure, match="does not know"):
        to_onnx(
            told,
            names=[f"f{n}" for n in range(WIDTH)],
            slope=1,
            intercept=0,
            metadata={"id": "made-up"},
        )


def test_a_bag_is_exported_as_the_mean_of_its_trainings(trees: Any) -> None:
    data = rows(1500, 11)
    other = lightgbm.train(
        {"objective": "binary", "num_leaves": 6, "verbosity": -1, "num_threads": 1, "seed": 4},
        lightgbm.Dataset(data, (np.nan_to_num(data[:, 0]) > 9).astype(int)),
        30,
    )
    bag = Bag.read(Bag((trees, other)).text())
    model = to_onnx(
        bag.trees(),
        names=[f"f{n}" for n in range(WIDTH)],
        slope=SLOPE,
        intercept=INTERCEPT,
        metadata={"id": "made-up"},
    )

    given = np.concatenate([rows(500, 12), at_thresholds(trees), at_thresholds(other)])
    probability, margin, parts = open_session(model, INPUT).run(given)

    mean = (trees.predict(given, raw_score=True) + other.predict(given, raw_score=True)) / 2
    assert np.abs(bag.margin(given) - mean).max() < 1e-12
    assert np.abs(margin[:, 0] - mean).max() < 5e-6
    assert np.abs(probability[:, 0] - sigmoid(SLOPE * mean + INTERCEPT)).max() < 1e-6
    assert np.ptp(margin[:, 0] - parts.sum(axis=1)) < 1e-5
