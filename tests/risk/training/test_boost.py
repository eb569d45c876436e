"""A bag holds trainings of several kinds; whoever is needed is never taken away."""

from dataclasses import replace

import numpy as np
import pytest

from wherry_risk.onnx.golden import MIN_ROWS
from wherry_risk.training.assemble import Table
from wherry_risk.training.boost import Bag, grown
from wherry_risk.training.golden_rows import golden_rows
from wherry_risk.training.recipes.readmission import READMISSION
from wherry_risk.training.recipes.recipe import Recipe

PEOPLE = 600


@pytest.fixture(scope="module")
def table() -> Table:
    """Made-up stays of people, half of whom are twice in the table."""
    random = np.random.default_rng(5)
    rows = random.integers(0, 3, (PEOPLE, len(READMISSION.features))).astype(np.float32)
    person = np.array([str(n % (PEOPLE * 3 // 4)) for n in range(PEOPLE)])
    none = np.zeros(PEOPLE, dtype=bool)
    return Table(
        rows, rows[:, 2] + random.random(PEOPLE) > 2, person, none, np.full(PEOPLE, np.nan), {}
    )


def small(**changes: object) -> Recipe:
    given: dict[str, object] = {"rounds": 4, **changes}
    return replace(READMISSION, **given)  # type: ignore[arg-type]


def text_of(bag: Bag) -> list[str]:
    return [one.model_to_string() for one in bag.boosters]


def test_each_training_of_a_bag_has_the_parameters_that_are_its_turn(table: Table) -> None:
    kinds = ({"num_leaves": 3}, {"num_leaves": 5})

    bag = grown(small(bags=3, varied=kinds), table, robust=False)

    told = [text.split("[num_leaves: ")[1].split("]")[0] for text in text_of(bag)]
    assert told == ["3", "5", "3"]


def test_a_bag_leaves_out_another_share_of_the_people_each_time(table: Table) -> None:
    first, second = text_of(grown(small(bags=2), table, robust=False))

    assert first.split("end of trees")[0] != second.split("end of trees")[0]


def test_the_same_table_gives_the_same_bag(table: Table) -> None:
    once, again = (text_of(grown(small(bags=2), table, robust=True)) for _ in range(2))

    assert once == again


def test_of_flags_too_there_are_golden_rows_enough(table: Table) -> None:
    recipe = small(rounds=1)

    rows = golden_rows(recipe.inputs, recipe.features, grown(recipe, table, robust=False).trees())

    assert len(rows) == MIN_ROWS
    needed = [n for n, one in enumerate(recipe.inputs) if one.missing == "refuse"]
    assert not np.isnan(rows[:, needed]).any()
    assert np.isnan(rows).any()
