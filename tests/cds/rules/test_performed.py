"""How good a model was stands on its card in one line, or is left out. All data are synthetic."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from wherry_cds.rules.estimate import detail
from wherry_cds.rules.finish import shortened
from wherry_cds.rules.performed import line, performance
from wherry_cds.rules.score import Predicted

POINT: dict[str, Any] = {
    "threshold": Decimal("0.15"),
    "sensitivity": Decimal("0.6929"),
    "specificity": Decimal("0.75"),
    "ppv": Decimal("0.3294"),
    "npv": Decimal("0.9324"),
    "hits": 167,
    "events": 241,
    "n": 1601,
    "flagged": 507,
}
TOLD: dict[str, Any] = {
    "auroc": Decimal("0.8162"),
    "auroc_interval": [Decimal("0.79"), Decimal("0.8412")],
    "n": 1601,
    "events": 241,
    "people": 1601,
    "data": "made-up_2012, test part",
    "period": "an invented place",
    "calibrated_on": "1110 rows of 1110 people",
    "calibrated_at": None,
    "operating_point": POINT,
}
HEAD = (
    "How good: AUROC 0.82 on 1601 scores with 241 events that training had not seen "
    "(made-up&#95;2012, test part)."
)


@pytest.mark.parametrize(
    ("change", "probability", "said"),
    [
        (
            {},
            "0.27",
            "From 15 % on: PPV 33 % (167 of 507), sensitivity 69 % (167 of 241). "
            "Calibrated on 1110 rows of 1110 people.",
        ),
        (
            {},
            "0.149",
            "Below 15 %: no event in 93 %; 74 of 241 events were missed there. "
            "Calibrated on 1110 rows of 1110 people.",
        ),
        (
            {"operating_point": {**POINT, "flagged": None, "ppv": Decimal("0.0546")}},
            "0.27",
            "From 15 % on: PPV 5.5 %, sensitivity 69 % (167 of 241). "
            "Calibrated on 1110 rows of 1110 people.",
        ),
        (
            {"operating_point": None, "calibrated_at": "2026-02-03T10:00:00+00:00"},
            "0.27",
            "Calibrated on 1110 rows of 1110 people, 2026-02-03.",
        ),
    ],
)
def test_the_line_says_what_the_threshold_did(
    change: dict[str, Any], probability: str, said: str
) -> None:
    told = performance({**TOLD, **change})

    assert line(told, Decimal(probability)) == f"{HEAD} {said}"


def test_without_figures_there_is_no_line() -> None:
    assert performance(None) is None
    assert line(None, Decimal("0.2")) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"auroc": Decimal("1.2")},
        {"auroc": True},
        {"n": Decimal("1.5")},
        {"data": ""},
        {"operating_point": {**POINT, "ppv": "0.3"}},
    ],
)
def test_figures_that_are_not_understood_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no "):
        performance({**TOLD, **change})


def test_the_card_holds_it_and_a_short_display_still_fits(predicted: Predicted, now: Any) -> None:
    whole = detail(replace(predicted, performance=performance(TOLD)), now)

    assert f"\n\n{HEAD} " in whole
    assert "How good" not in detail(predicted, now)
    assert len(shortened(whole, 1200)) <= 1200
