"""sepsis-6h reads values only, refuses behind its gates, and lets its sibling answer."""

from typing import Any

import pytest

from wherry.resource import Resource

MODEL, SIBLING = "sepsis-6h", "sepsis-6h-vitals"
VITALS = (
    ("8867-4", "104", "/min"),
    ("59408-5", "94", "%"),
    ("8310-5", "38.4", "Cel"),
    ("8480-6", "98", "mm[Hg]"),
    ("8462-4", "51", "mm[Hg]"),
    ("9279-1", "26", "/min"),
)
LABS = (
    ("3094-0", "34", "mg/dL"),
    ("2160-0", "1.9", "mg/dL"),
    ("2345-7", "171", "mg/dL"),
    ("2823-3", "4.4", "mmol/L"),
    ("6690-2", "17.9", "10*3/uL"),
    ("777-3", "121", "10*3/uL"),
    ("2524-7", "3.8", "mmol/L"),
)


@pytest.fixture
def chart(make: Any) -> Any:
    def made(*, without: tuple[str, ...] = (), labs: bool = True) -> list[Resource]:
        """A feverish adult in intensive care over a day; every value is made up."""
        told: list[Resource] = [{**make.patient(), "gender": "male"}]
        for code, value, unit in VITALS:
            if code not in without:
                told += [make.measured(code, value, unit, age_min=60 * h + 5) for h in range(12)]
        for code, value, unit in LABS if labs else ():
            told += [make.measured(code, value, unit, age_min=60 * h + 20) for h in (2, 14)]
        return told

    return made


def test_an_hour_gets_a_probability_and_a_part_for_each_input(world: Any, chart: Any) -> None:
    told = world.score(*chart(), model=MODEL)

    assert (told["status"], told["model"]) == ("scored", MODEL)
    assert 0.005 < told["probability"] < 0.6
    assert len(told["parts"]) == 30  # inputs, not the 233 features
    mean = next(one for one in told["inputs"] if one["name"] == "mean-bp")
    assert float(mean["value"]) == pytest.approx(66.7)  # derived from 98 over 51


def test_a_worse_course_is_estimated_higher(world: Any, chart: Any, make: Any) -> None:
    worse = [
        make.measured("2524-7", "9.6", "mmol/L", age_min=3),
        make.measured("8480-6", "71", "mm[Hg]", age_min=2),
        make.measured("8867-4", "141", "/min", age_min=2),
        make.measured("8310-5", "39.8", "Cel", age_min=2),
    ]

    before, after = (world.score(*chart(), *more, model=MODEL) for more in ([], worse))

    assert after["probability"] > before["probability"]


def test_without_laboratory_values_the_sibling_for_monitors_answers(world: Any, chart: Any) -> None:
    told = world.score(*chart(labs=False), model=MODEL)

    assert told["status"] == "refused"
    assert "common laboratory values are known" in told["refusal"]["text"]
    assert (told["instead"]["model"], told["instead"]["status"]) == (SIBLING, "scored")


def test_without_temperature_and_respiratory_rate_nobody_answers(world: Any, chart: Any) -> None:
    told = world.score(*chart(without=("8310-5", "9279-1")), model=MODEL)

    assert "temperature and respiratory rate are known" in told["refusal"]["text"]
    assert "instead" not in told


def test_how_often_somebody_was_measured_changes_nothing(world: Any, chart: Any, make: Any) -> None:
    """The same course with each laboratory value charted twice at the same moments."""
    again = [
        {**one, "id": f"{one['id']}-again"}
        for one in chart()
        if one["resourceType"] == "Observation"
        and one["code"]["coding"][0]["code"] in {code for code, _, _ in LABS}
    ]

    once, twice = (world.score(*chart(), *more, model=MODEL) for more in ([], again))

    assert once["probability"] == twice["probability"]


def test_a_feed_that_fell_silent_is_refused_with_figures(world: Any, chart: Any, make: Any) -> None:
    later = make.at.replace(hour=(make.at.hour + 9) % 24)

    told = world.score(*chart(), model=MODEL, at=later.isoformat())

    assert told["refusal"]["code"] == "feed_lag"
    assert told["refusal"]["lag"]["age_s"] == 9 * 3600 + 300
    assert "instead" not in told  # the sibling has the same feed
    assert told["beside"]["refusal"]["code"] == "stale_inputs"
