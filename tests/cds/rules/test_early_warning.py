"""What the card of a score, and of a refusal, says."""

from dataclasses import replace
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules.early_warning import LEVELS, Basis, card
from wherry_cds.rules.score import Missing, Refused, Scored

CARD_ID = "7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce"


@pytest.fixture
def basis(now: Any) -> Basis:
    return Basis(at=now, card_id=CARD_ID)


@pytest.fixture
def refused() -> Refused:
    return Refused(
        model="news2",
        version="1.0.0",
        code="missing_inputs",
        text="No usable value: respiration rate.",
        missing=(Missing("respiration-rate", "Respiration rate", "not_found"),),
        intended_use="Supports the judgement of health professionals.",
    )


def test_the_card_of_a_whole_score(scored: Scored, basis: Basis) -> None:
    made = card(scored, basis)

    reasons = made.pop("overrideReasons")
    assert made == {
        "uuid": CARD_ID,
        "summary": "NEWS2 9: high risk of deterioration (emergency response threshold 7)",
        "detail": (
            "**NEWS2 9 of 20: high risk of deterioration** (urgent response from 5 or 3 in one "
            "measurement, emergency response from 7)\n"
            "\n"
            "NEWS2 asks for: Emergency assessment by a critical care team\n"
            "\n"
            "| Measurement | Value | Points | Observed | Age |\n"
            "|---|---|---|---|---|\n"
            "| Respiration rate | 26 /min | 3 | 2026-03-01 11:48 UTC | 12 min ago |\n"
            "| Temperature | 38.60 °C | 1 | 2026-03-01 09:00 UTC | 3 h ago |\n"
            "\n"
            "As of 2026-03-01 12:00 UTC. NEWS2 (Royal College of Physicians, 2017), "
            "version 1.0.0. Supports the judgement of health professionals."
        ),
        "indicator": "critical",
        "source": {
            "label": "Wherry early warning, NEWS2 1.0.0",
            "topic": {
                "system": "urn:wherry:cds:topic",
                "code": "early-warning",
                "display": "Early warning score",
            },
        },
    }
    assert [reason["code"] for reason in reasons] == [
        "action-completed",
        "patient-ineligible",
        "need-more-info",
        "inappropriate-recipient",
        "recipient-does-not-trust",
        "wrong-time-workflow",
    ]
    assert all(reason["display"] and reason["system"] for reason in reasons)


def test_a_score_with_gaps_says_so_and_is_shown_one_level_lower(
    with_gap: Scored, basis: Basis
) -> None:
    made = card(with_gap, basis)

    assert (made["indicator"], made["summary"]) == (
        "warning",
        "NEWS2 9 to 12, 1 input missing: high risk of deterioration "
        "(emergency response threshold 7)",
    )
    assert "Shown one level lower than its tier" in made["detail"]
    assert made["detail"].startswith("**NEWS2 9 to 12 of 20: high risk")
    assert "- Temperature: last value too old (26 h old)" in made["detail"]


def test_a_low_score_with_gaps_is_not_called_low_without_more(
    with_gap: Scored, basis: Basis
) -> None:
    made = card(replace(with_gap, score=1, tier="low", at_most=None), basis)

    assert made["summary"] == (
        "NEWS2 at least 1, 1 input missing: low risk of deterioration or higher "
        "(urgent response threshold 5)"
    )
    assert "low risk of deterioration or higher**" in made["detail"]


def test_the_prescribed_scale_is_told(scored: Scored, basis: Basis) -> None:
    told = [
        "SpO2 scale 2" in card(replace(scored, spo2_scale=scale), basis)["detail"]
        for scale in ("1", "2")
    ]

    assert told == [False, True]


@pytest.mark.parametrize(
    ("tier", "whole", "gaps"),
    [
        ("low", "info", "info"),
        ("low-medium", "warning", "info"),
        ("medium", "warning", "info"),
        ("high", "critical", "warning"),
    ],
)
def test_each_tier_has_its_indicator(
    scored: Scored, basis: Basis, tier: str, whole: str, gaps: str
) -> None:
    score = replace(scored, tier=tier)

    indicators = [
        card(score, basis)["indicator"],
        card(replace(score, partial=True), basis)["indicator"],
        card(score, replace(basis, partial=True))["indicator"],
        card(score, replace(basis, truncated=True))["indicator"],
    ]

    assert indicators == [whole, gaps, gaps, whole]
    assert tier in LEVELS


def test_a_tier_that_news2_does_not_have_is_not_shown(scored: Scored, basis: Basis) -> None:
    with pytest.raises(Failure) as caught:
        card(replace(scored, tier="catastrophic"), basis)

    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_refusal_is_a_card_without_a_score(refused: Refused, basis: Basis) -> None:
    made = card(refused, basis)

    assert (made["indicator"], made["summary"]) == (
        "info",
        "NEWS2 not calculated: missing Respiration rate",
    )
    assert made["detail"] == (
        "**NEWS2 not calculated.** No usable value: respiration rate.\n"
        "\n"
        "Not available:\n"
        "\n"
        "- Respiration rate: none found\n"
        "\n"
        "No score does not mean no risk.\n"
        "\n"
        "As of 2026-03-01 12:00 UTC. NEWS2 (Royal College of Physicians, 2017), version 1.0.0. "
        "Supports the judgement of health professionals."
    )


def test_a_refusal_without_missing_inputs_gives_its_reason(refused: Refused, basis: Basis) -> None:
    made = card(replace(refused, missing=(), text="NEWS2 is not for people under 16."), basis)

    assert made["summary"] == "NEWS2 not calculated: NEWS2 is not for people under 16."


def test_the_links_are_there_when_they_are_set(scored: Scored, basis: Basis) -> None:
    where = replace(
        basis,
        source_url="https://example.org/news2",
        chart_url="https://ehr.org/chart/p-1",
        smart_url="https://app.org/launch",
    )

    made = card(scored, where)

    assert made["source"]["url"] == "https://example.org/news2"
    assert made["links"] == [
        {"label": "Open the chart", "url": "https://ehr.org/chart/p-1", "type": "absolute"},
        {
            "label": "Open in the Wherry app",
            "url": "https://app.org/launch",
            "type": "smart",
            "appContext": CARD_ID,
        },
    ]


def test_the_record_that_was_cut_or_faulty_is_told(scored: Scored, basis: Basis) -> None:
    detail = card(scored, replace(basis, truncated=True, partial=True))["detail"]

    assert "The record was longer than could be read" in detail
    assert "The FHIR server reported an error with its answer" in detail


def test_hostile_texts_do_nothing_on_any_card(
    scored: Scored, refused: Refused, basis: Basis
) -> None:
    evil = "x</td><img src=x onerror=alert(1)>|`y`\n\n# [z](javascript:alert(2)) https://e.org"
    part = replace(scored.parts[0], label=evil, value=evil, unit=evil)
    gap = Missing(evil, evil, evil)
    cards = [
        card(replace(scored, parts=(part,), missing=(gap,), intended_use=evil), basis),
        card(replace(refused, text=evil, missing=(gap,)), basis),
        card(replace(refused, text=evil, missing=(), version=evil), basis),
    ]

    for made in cards:
        table = [line for line in made["detail"].splitlines() if line.startswith("|")]
        assert not set("<>`") & set(made["detail"] + made["summary"] + made["source"]["label"])
        assert "](" not in made["detail"]
        assert "://" not in made["detail"]
        assert all(line.count("|") == 6 for line in table)
        assert len(made["summary"]) <= 139
        assert "\n" not in made["summary"]
        assert empty_elements(made) == []
