"""When a model is asked in a backtest: by its card, of stays that took place, never afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wherry_risk.backtest.moments import OF_MODEL, RULES, moments
from wherry_risk.model.registry import registry
from wherry_risk.monitoring.outcomes import QUESTIONS
from wherry_risk.onnx.load import load_all

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
UNTIL = START + timedelta(days=30)


def stay(hours: float | None, *, id_: str = "e-1", **more: Any) -> dict[str, Any]:
    period = {"start": START.isoformat()}
    if hours is not None:
        period["end"] = (START + timedelta(hours=hours)).isoformat()
    made = {"resourceType": "Encounter", "id": id_, "status": "finished",
            "class": {"code": "IMP"}, "period": period}  # fmt: skip
    return made | more


def hours(rule: str, *stays: dict[str, Any], until: datetime = UNTIL) -> list[float]:
    return [(one.at - START) / timedelta(hours=1) for one in moments(rule, stays, until=until)]


@pytest.mark.parametrize(
    ("rule", "stayed", "asked"),
    [
        ("first-day", 48, [24]),
        ("first-day", 23, []),
        ("first-day", 24, [24]),
        ("hourly", 3.5, [1, 2, 3]),
        ("discharge", 48, [48]),
    ],
)
def test_each_rule_asks_when_its_card_says(rule: str, stayed: float, asked: list[float]) -> None:
    assert hours(rule, stay(stayed)) == asked


def test_a_stay_that_goes_on_is_asked_up_to_the_export_and_has_no_discharge() -> None:
    going_on = stay(None, status="in-progress")
    until = START + timedelta(hours=2.5)

    assert hours("hourly", going_on, until=until) == [1, 2]
    assert hours("first-day", going_on, until=until) == []
    assert hours("discharge", going_on, until=until) == []


@pytest.mark.parametrize(
    "other",
    [{"class": {"code": "AMB"}}, {"status": "planned"}, {"period": {}}, {"class": "IMP"}],
)
def test_what_was_no_inpatient_stay_is_not_asked_about(other: dict[str, Any]) -> None:
    assert hours("hourly", stay(3) | other) == []


def test_every_trained_model_has_a_question_and_moments() -> None:
    trained = load_all().models.keys() - registry().keys()

    assert trained <= QUESTIONS.keys()
    assert trained <= OF_MODEL.keys()
    assert set(OF_MODEL.values()) <= RULES.keys()
