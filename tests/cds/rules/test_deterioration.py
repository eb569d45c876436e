"""The deterioration card: the model's probability and factors, and NEWS2 always beside it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules import early_warning
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.deterioration import card
from wherry_cds.rules.early_warning import Basis
from wherry_cds.rules.score import Factor, Missing, Predicted, Refused, Scored, Withheld


@pytest.fixture
def basis(now: Any) -> Basis:
    return Basis(at=now, card_id="7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce")


@pytest.fixture
def withheld(scored: Scored) -> Withheld:
    refused = Refused(
        model="icu-mortality-24h",
        version="0.1.0",
        code="missing_inputs",
        text="Only 7 of 20 inputs are known; the model needs at least 12.",
        missing=(Missing("gcs", "Glasgow Coma Scale", "stale", 93_600),),
        intended_use="Supports health professionals in intensive care.",
    )
    return Withheld(refused, scored)


def test_the_card_of_a_prediction(predicted: Predicted, basis: Basis) -> None:
    made = card(predicted, basis)

    beside = early_warning.card(predicted.beside, basis)
    assert made["summary"] == "Estimated risk of death in hospital 27 % (medium); NEWS2 9 (high)"
    assert made["detail"] == (
        "**Estimated risk of death in hospital: 27 %, tier medium**\n"
        "\n"
        "At this tier: A clinician of the treating team reviews the patient\n"
        "\n"
        "| Strongest factors | Value | Effect | Observed | Age |\n"
        "|---|---|---|---|---|\n"
        "| Urea nitrogen | 38 mg/dL | raises, odds × 1.82 | 2026-03-01 08:00 UTC | 4 h ago |\n"
        "| White cell count | 14.2 ×10³/µL | lowers, odds × 0.82 | 2026-03-01 08:00 UTC "
        "| 4 h ago |\n"
        "| Age | 75 years | raises, odds × 1.11 | – | – |\n"
        "\n"
        "Shown is what each added to this estimate, compared with the average of the training "
        "data. It is no cause.\n"
        "\n"
        "Not available to the model:\n"
        "\n"
        "- Albumin: none found\n"
        "\n"
        "As of 2026-03-01 12:00 UTC. Model icu-mortality-24h, version 0.1.0. Supports health "
        "professionals in intensive care.\n"
        "\n"
        "**Beside it:**\n"
        "\n" + beside["detail"]
    )
    assert made["source"] == {
        "label": "Wherry deterioration, icu-mortality-24h 0.1.0 and NEWS2",
        "topic": {
            "system": "urn:wherry:cds:topic",
            "code": "deterioration",
            "display": "Deterioration",
        },
    }


@pytest.mark.parametrize(
    ("tier", "news2", "indicator"),
    [
        ("low", "low", "info"),
        ("medium", "low", "warning"),
        ("high", "low", "warning"),
        ("low", "high", "critical"),
        ("high", "high", "critical"),
    ],
)
def test_the_more_urgent_of_both_decides(
    predicted: Predicted, scored: Scored, basis: Basis, *, tier: str, news2: str, indicator: str
) -> None:
    answer = replace(predicted, tier=tier, beside=replace(scored, tier=news2))

    assert card(answer, basis)["indicator"] == indicator


@pytest.mark.parametrize(
    ("probability", "shown"),
    [("0.004", "under 1 %"), ("0.006", "1 %"), ("0.5", "50 %"), ("0.996", "over 99 %")],
)
def test_the_probability_is_shown_in_whole_per_cent(
    predicted: Predicted, basis: Basis, probability: str, shown: str
) -> None:
    made = card(replace(predicted, probability=Decimal(probability)), basis)

    assert f"hospital {shown} (" in made["summary"]


def test_without_news2_the_estimate_says_so(
    predicted: Predicted, withheld: Withheld, basis: Basis
) -> None:
    refused = replace(withheld.refused, model="news2", text="No usable value: pulse.")

    made = card(replace(predicted, beside=refused), basis)

    assert made["summary"].endswith("; NEWS2 not calculated")
    assert "No score does not mean no risk." in made["detail"]


def test_a_refusal_is_the_news2_card_with_the_reason(
    withheld: Withheld, scored: Scored, basis: Basis
) -> None:
    made, beside = card(withheld, basis), early_warning.card(scored, basis)

    assert (made["summary"], made["indicator"]) == (beside["summary"], beside["indicator"])
    assert made["detail"] == (
        beside["detail"] + "\n\n**icu-mortality-24h gave no estimate.** Only 7 of 20 inputs are "
        "known; the model needs at least 12.\n\nNot available to it:\n\n"
        "- Glasgow Coma Scale: last value too old (26 h old)"
    )


def test_a_tier_that_is_not_known_is_not_shown(predicted: Predicted, basis: Basis) -> None:
    with pytest.raises(Failure) as caught:
        card(replace(predicted, tier="catastrophic"), basis)

    assert caught.value.kind is Kind.UNAVAILABLE


def test_early_warning_shows_no_other_model(
    predicted: Predicted, withheld: Withheld, basis: Basis
) -> None:
    for answer in (predicted, withheld):
        with pytest.raises(Failure, match="another model"):
            RULES["early-warning"].card(answer, basis)


def test_hostile_texts_do_nothing(predicted: Predicted, withheld: Withheld, basis: Basis) -> None:
    evil = "x</td><img src=x onerror=alert(1)>|`y`\n\n# [z](javascript:alert(2)) https://e.org"
    factor = Factor(evil, evil, evil, Decimal(1), None, None)
    gap = Missing(evil, evil, evil)
    cards = [
        card(
            replace(
                predicted,
                **{"factors": (factor,), "missing": (gap,)},  # type: ignore[arg-type]  # by name
                **dict.fromkeys(("model", "version", "response", "intended_use"), evil),  # type: ignore[arg-type]  # all texts
            ),
            basis,
        ),
        card(replace(withheld, refused=replace(withheld.refused, text=evil, model=evil)), basis),
    ]

    for made in cards:
        assert not set("<>`") & set(made["detail"] + made["summary"] + made["source"]["label"])
        assert "](" not in made["detail"]
        assert "://" not in made["detail"]
        assert len(made["summary"]) <= 139
        assert empty_elements(made) == []
