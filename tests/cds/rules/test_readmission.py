"""The readmission card: an estimate at discharge, or why there is none. All data are synthetic."""

from dataclasses import replace
from typing import Any

import pytest

from wherry.errors import Failure
from wherry_cds.policy.levels import Level, amount, is_refusal, level
from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules.early_warning import Basis
from wherry_cds.rules.readmission import card
from wherry_cds.rules.score import Missing, Predicted, Refused, Scored, Withheld


@pytest.fixture
def basis(now: Any) -> Basis:
    return Basis(at=now, card_id="7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce")


@pytest.fixture
def readmitted(predicted: Predicted) -> Predicted:
    return replace(predicted, model="readmission-30d")


def test_the_card_of_an_estimate(readmitted: Predicted, basis: Basis) -> None:
    made = card(readmitted, basis)

    assert made["summary"] == "Estimated risk of readmission within 30 days 27 % (medium)"
    assert made["indicator"] == "warning"
    assert "NEWS2" not in made["detail"]
    assert "As of 2026-03-01 12:00 UTC. Model readmission-30d, version 0.1.0." in made["detail"]
    assert empty_elements(made) == []


def test_without_an_estimate_the_card_says_why_and_claims_no_low_risk(
    scored: Scored, basis: Basis
) -> None:
    """NEWS2 beside it says nothing about readmission: there is no score at all."""
    missing = (Missing("los", "Length of stay", "not_found"),)
    refused = Refused("readmission-30d", "0.1.0", "missing_inputs", "Too little.", missing, "For.")
    withheld = Withheld(refused, replace(scored, tier="low", score=0))

    made = card(withheld, basis)

    assert made["summary"] == "Risk of readmission not calculated: missing Length of stay"
    assert "No estimate does not mean no risk." in made["detail"]
    assert (level(withheld, made), is_refusal(withheld), amount(withheld)) == (
        Level.INFO,
        True,
        None,
    )


def test_a_low_estimate_needs_no_card_whatever_news2_says(
    readmitted: Predicted, basis: Basis
) -> None:
    low = replace(readmitted, tier="low")

    assert level(low, card(low, basis)) is Level.NONE


def test_what_is_not_understood_is_not_shown(
    readmitted: Predicted, scored: Scored, basis: Basis
) -> None:
    for answer in (replace(readmitted, tier="odd"), scored):
        with pytest.raises(Failure):
            card(answer, basis)


def test_hostile_texts_do_nothing(readmitted: Predicted, basis: Basis) -> None:
    evil = "x<img src=x onerror=alert(1)>\n# [z](javascript:alert(2))|`y`"
    factor = replace(readmitted.factors[0], label=evil, value=evil, unit=evil)
    gap = Missing(evil, evil, evil)

    made = card(replace(readmitted, factors=(factor,), missing=(gap,), response=evil), basis)

    for text in (made["detail"], made["summary"], made["source"]["label"]):
        assert not any(bad in text for bad in ("<img", "](javascript", "\n# [", "`y`"))
    assert len(made["summary"]) <= 139


PARTIAL = Scored(
    model="hospital",
    version="2016.1",
    score=5,
    tier="medium",
    partial=True,
    parts=(),
    missing=(Missing("sodium", "Sodium at discharge", "not_found"),),
    intended_use="For planning.",
    at_most=6,
)
WHOLE = replace(PARTIAL, model="lace", score=12, tier="high", partial=False, missing=())


def test_published_scores_stand_beside_it_and_a_partial_total_says_so(
    readmitted: Predicted, basis: Basis
) -> None:
    made = card(replace(readmitted, also=(WHOLE, PARTIAL)), basis)

    assert (
        "**Published scores beside it:**\n\n- LACE 12 of 19, tier high\n"
        "- HOSPITAL **partial**: 5 to 6 of 13, tier medium at least; "
        "not known: Sodium at discharge" in made["detail"]
    )
    assert made["indicator"] == card(readmitted, basis)["indicator"]
    assert "Published scores" not in card(readmitted, basis)["detail"]


def test_they_stand_beside_a_refusal_too_and_may_refuse_themselves(
    scored: Scored, basis: Basis
) -> None:
    refused = Refused("readmission-30d", "0.1.0", "missing_inputs", "Too little.", (), "For.")
    lace = replace(refused, model="lace", text="No usable value: length of stay.")

    made = card(Withheld(refused, scored, (lace, PARTIAL)), basis)

    assert "- LACE not calculated: No usable value: length of stay." in made["detail"]
    assert "- HOSPITAL **partial**" in made["detail"]
    assert made["indicator"] == "info"
