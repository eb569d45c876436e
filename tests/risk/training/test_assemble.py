"""Training and serving make the same row of the same values."""

import math
from typing import Any

import pytest

from wherry_risk.model.aggregate import Series
from wherry_risk.model.facts import facts
from wherry_risk.model.record import record
from wherry_risk.onnx.load import load_all
from wherry_risk.onnx.trained import Trained, vector
from wherry_risk.training.assemble import tabulate
from wherry_risk.training.people import Person
from wherry_risk.training.recipes import RECIPES
from wherry_risk.training.recipes.icu import ICU, ICU_FULL
from wherry_risk.training.recipes.recipe import Recipe

HOUR_S = 3600.0
NOW_S = 100 * HOUR_S
TRAINED = {id_: one for id_, one in load_all().models.items() if isinstance(one, Trained)}


def series(*before_h: tuple[float, float]) -> Series:
    """Values by hours before the moment of judgement."""
    ordered = sorted(before_h, key=lambda one: -one[0])
    return Series([NOW_S - h * HOUR_S for h, _ in ordered], [value for _, value in ordered])


def value(recipe: Recipe, feature: str, **given: Series) -> float:
    named = {name.replace("_", "-"): one for name, one in given.items()}
    person = Person("1", named, moments_s=(NOW_S,), outcomes=(False,))
    table = tabulate(recipe.inputs, recipe.features, [person])
    return float(table.rows[0, recipe.names.index(feature)])


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("heart-rate", [(0.5, 80), (10, 141), (15, 52)], 141),  # farthest from 75
        ("heart-rate", [(0.5, 110), (1, 40)], 110),  # equally far: the newest of equals
        ("heart-rate", [(0.5, 105), (1, 45)], 105),
        ("gcs", [(0.5, 14), (12, 7)], 7),
        ("fio2", [(0.5, 40), (12, 100)], 100),
        ("pao2", [(0.5, 90), (12, 58)], 58),
        ("heart-rate", [(0.5, 80), (25, 190)], 80),  # outside of the window
        ("heart-rate", [(0.5, 80), (0.6, 999)], 80),  # implausible: rejected, not clipped
    ],
)
def test_the_worst_of_a_day(name: str, given: list[tuple[float, float]], expected: float) -> None:
    assert value(ICU, name, **{name.replace("-", "_"): series(*given)}) == expected


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("heart-rate-last-24h", 90),
        ("heart-rate-first-24h", 70),
        ("heart-rate-min-24h", 70),
        ("heart-rate-max-24h", 120),
        ("heart-rate-mean-24h", (70 + 120 + 100 + 90) / 4),
        ("heart-rate-mean-6h", (100 + 90) / 2),
        ("heart-rate-delta-8h", 90 - 120),
        ("heart-rate-path-24h", (50 + 20 + 10) / 3),
    ],
)
def test_each_rule_reads_its_window(feature: str, expected: float) -> None:
    given = series((20, 70), (7, 120), (4, 100), (1, 90), (30, 40))

    assert value(ICU_FULL, feature, heart_rate=given) == pytest.approx(expected)


def test_amounts_are_summed_and_inputs_put_beside_each_other() -> None:
    urine = series((1, 30), (5, 50), (11, 100), (20, 200))

    assert value(ICU_FULL, "urine-sum-6h", urine=urine) == 80
    assert value(ICU_FULL, "urine-sum-24h", urine=urine) == 380
    pair = {"heart_rate": series((1, 120)), "systolic_bp": series((2, 80))}
    assert value(ICU_FULL, "shock-index", **pair) == 1.5
    assert math.isnan(value(ICU_FULL, "shock-index", heart_rate=series((1, 120))))


def test_a_single_value_has_no_change_and_no_sign_of_having_been_measured_once() -> None:
    assert value(ICU_FULL, "lactate-delta-24h", lactate=series((3, 4.1))) == 0


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("heart-rate", []),
        ("heart-rate", [(4.1, 80)]),
        ("gcs", [(12.1, 15)]),
        ("arterial-ph", [(0.5, 731)]),
        ("age", [(0, 17)]),
    ],
)
def test_nothing_counts(name: str, given: list[tuple[float, float]]) -> None:
    assert math.isnan(value(ICU, name, **{name.replace("-", "_"): series(*given)}))


def test_rows_are_what_the_graph_takes() -> None:
    table = tabulate(ICU.inputs, ICU.features, [Person("1", {}, (0.0,), (True,), more_s=(9.0,))])

    assert (str(table.rows.dtype), table.rows.shape) == ("float32", (2, 20))
    assert (table.outcome.tolist(), table.extra.tolist()) == ([True, True], [False, True])


def charts(make: Any) -> list[Any]:
    return [
        *make.icu(),
        *(
            make.measured("8867-4", value, "/min", age_min=m)
            for value, m in (("51", 90), ("140", 700))
        ),
        *(make.measured("8480-6", v, "mm[Hg]", age_min=m) for v, m in (("118", 200), ("97", 20))),
        make.measured("8462-4", "58", "mm[Hg]", age_min=20),
        make.measured("2160-0", "400", "umol/L", age_min=300),
        make.measured("2524-7", "3.1", "mmol/L", age_min=400),
        make.measured("2524-7", "4.4", "mmol/L", age_min=40),
        make.measured("20112-9", "450", "mL", age_min=100),
        make.measured("6690-2", "0.01", "10*3/uL", age_min=1),
    ]


@pytest.mark.parametrize("id_", sorted(TRAINED))
def test_serving_makes_the_row_that_training_would(make: Any, id_: str) -> None:
    """The same readings, once through FHIR and once as series of a person in training."""
    model = TRAINED[id_]
    known = facts(model.spec, record(charts(make)), at=make.at)
    given = {
        name: Series(
            [(one.observed_at - make.at).total_seconds() for one in found[::-1]],
            [float(one.value) for one in found[::-1]],
        )
        for name, found in known.series.items()
    }
    given |= {
        name: Series((0.0,), (float(one.value),))
        for name, one in known.used.items()
        if name not in known.series
    }
    person = Person("1", given, moments_s=(0.0,), outcomes=(False,))

    trained = tabulate(model.manifest.inputs, model.manifest.features, [person]).rows[0]

    served = vector(model.columns, known)
    assert [None if math.isnan(x) else pytest.approx(x, rel=1e-6) for x in trained] == [
        None if math.isnan(x) else x for x in served
    ]


@pytest.mark.parametrize("id_", sorted(TRAINED))
def test_the_manifest_declares_what_the_recipe_says(id_: str) -> None:
    manifest, recipe = TRAINED[id_].manifest, RECIPES[id_]

    assert manifest.inputs == recipe.inputs
    assert [(f.name, f.input, f.aggregate, f.window_min, f.against) for f in manifest.features] == [
        (f.name, f.input, f.aggregate, f.window_min, f.against) for f in recipe.features
    ]
    assert (manifest.gates, manifest.siblings) == (recipe.gates, recipe.siblings)
