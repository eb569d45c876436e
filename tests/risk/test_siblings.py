"""A model that lacks inputs lets a sibling answer that reads less; each under its own name."""

from typing import Any

import pytest

FULL, PORTABLE = "icu-mortality-24h-full", "icu-mortality-24h"


def test_the_sibling_answers_under_its_own_name_when_inputs_are_lacking(
    world: Any, make: Any
) -> None:
    """The portable model asks for 12 of 20; the full one for ten laboratory values."""
    told = world.score(*make.icu(without=["3094-0"]), model=FULL)

    assert (told["status"], told["refusal"]["code"]) == ("refused", "missing_inputs")
    assert "laboratory inputs are known" in told["refusal"]["text"]
    assert (told["instead"]["model"], told["instead"]["status"]) == (PORTABLE, "scored")
    assert (
        told["instead"]["probability"]
        == (world.score(*make.icu(without=["3094-0"]), model=PORTABLE)["probability"])
    )
    assert told["beside"]["model"] == "news2"


def test_nobody_answers_instead_when_no_sibling_can(world: Any, make: Any) -> None:
    told = world.score(*make.normal(), model=FULL)

    assert told["status"] == "refused"
    assert "instead" not in told


def test_no_sibling_answers_for_people_whom_the_model_is_not_for(world: Any, make: Any) -> None:
    child = [make.patient(born="2015-01-01"), *make.icu()[1:]]

    told = world.score(*child, model=FULL)

    assert told["refusal"]["code"] == "out_of_population"
    assert "instead" not in told


def test_a_score_needs_nobody_instead(world: Any, make: Any) -> None:
    assert "instead" not in world.score(*make.icu(), model=PORTABLE)


@pytest.mark.parametrize("model", [FULL, PORTABLE])
def test_values_from_home_are_refused_by_models_of_hospital_values(
    world: Any, make: Any, model: str
) -> None:
    told = world.score(*make.icu(), model=model, setting="home")

    assert (told["refusal"]["code"], told["refusal"]["text"]) == (
        "out_of_population",
        "The model is not for values from: home.",
    )


def test_news2_takes_values_from_home(world: Any, make: Any) -> None:
    assert world.score(*make.normal(), setting="home")["status"] == "scored"


def test_an_unknown_setting_breaks_the_contract(world: Any, make: Any) -> None:
    answer = world.post({"resources": make.normal(), "setting": "moon"})

    assert answer.status_code == 400
