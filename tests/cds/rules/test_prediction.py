"""A trained model's answer is read whole, or not shown at all."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from wherry.errors import Failure
from wherry_cds.rules.score import Predicted, Scored, Withheld, read

NEWS2: dict[str, Any] = {
    "model": "news2",
    "version": "2017.1",
    "patient": "p-1",
    "status": "scored",
    "intended_use": "Supports clinicians.",
    "score": 9,
    "probability": None,
    "tier": "high",
    "response": "Emergency assessment",
    "partial": False,
    "at_most": None,
    "contributions": [],
    "missing": [],
    "flags": {},
}
ANSWER: dict[str, Any] = {
    **NEWS2,
    "model": "icu-mortality-24h",
    "version": "0.1.0",
    "score": Decimal("0.274"),
    "probability": Decimal("0.274"),
    "tier": "medium",
    "contributions": [
        {
            "name": "gcs",
            "label": "Glasgow Coma Scale",
            "points": Decimal("0.31"),
            "value": 7,
            "unit": "{score}",
            "observed_at": "2026-03-01T11:00:00+00:00",
            "age_s": 3600,
        },
        {
            "name": "albumin",
            "label": "Albumin",
            "points": Decimal("-0.02"),
            "value": None,
            "unit": "",
            "observed_at": None,
            "age_s": None,
        },
    ],
    "beside": NEWS2,
}


def test_a_prediction_is_read_with_its_factors_and_news2() -> None:
    told = read(ANSWER, patient_id="p-1")

    assert isinstance(told, Predicted)
    assert (told.probability, told.tier) == (Decimal("0.274"), "medium")
    assert [(one.label, one.value, one.weight) for one in told.factors] == [
        ("Glasgow Coma Scale", "7", Decimal("0.31")),
        ("Albumin", "", Decimal("-0.02")),
    ]
    assert isinstance(told.beside, Scored)


def test_a_refusal_is_read_with_news2() -> None:
    refusal = {"code": "missing_inputs", "text": "Too little is known.", "missing": []}

    told = read({**ANSWER, "status": "refused", "refusal": refusal}, patient_id="p-1")

    assert isinstance(told, Withheld)
    assert (told.refused.text, told.beside.version) == ("Too little is known.", "2017.1")


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(patient="p-2"),
        lambda a: a.update(patient="p-2", status="refused"),
        lambda a: a["beside"].update(patient="p-2"),
        lambda a: a.update(probability=None),
        lambda a: a.update(probability=Decimal("1.2")),
        lambda a: a.update(probability="0.2"),
        lambda a: a.update(status="guessed"),
        lambda a: a.update(beside=None),
        lambda a: a["contributions"][0].update(points=True),
        lambda a: a["contributions"][0].pop("value"),
    ],
)
def test_what_is_not_understood_is_not_shown(change: Callable[[dict[str, Any]], None]) -> None:
    answer = deepcopy(ANSWER)
    change(answer)

    with pytest.raises(Failure, match="not understood"):
        read(answer, patient_id="p-1")
