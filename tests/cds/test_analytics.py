"""Figures of cards and what came of them. All data are synthetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wherry_cds.analytics import Share, alarms, by, figures, reasons
from wherry_cds.board.port import About, Outcome, Row, Said
from wherry_cds.policy.levels import Level

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def card(outcome: str = "", reason: str = "", *, role: str = "clinician", s: int = 60) -> Outcome:
    about = About("t", "ehr", "early-warning", "patient-view", "p-1", "c", model="news2")
    row = Row(1, NOW, about, "Practitioner/u", Level.WARNING, 0.4, True, "x", "p", role)
    said = Said("c", outcome, NOW + timedelta(seconds=s), reason=reason) if outcome else None
    return Outcome(row, said)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (5, 10, 0.237, 0.763), (45, 50, 0.786, 0.957)],
)
def test_shares_have_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    """Source: Wilson, JASA 1927;22:209-12, with z = 1.96."""
    interval = Share(count, of).interval

    assert interval is not None
    assert interval[0] == pytest.approx(low, abs=0.001)
    assert interval[1] == pytest.approx(high, abs=0.001)


def test_of_nothing_there_is_no_share() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert figures([]).median_s is None


def test_a_card_is_accepted_overridden_or_ignored() -> None:
    made = figures([card("accepted", s=30), card("overridden", s=90), card(), card()])

    assert (made.accepted.count, made.overridden.count, made.ignored.count) == (1, 1, 2)
    assert made.median_s == 60


def test_groups_and_reasons_are_counted_apart() -> None:
    outcomes = [
        card("overridden", "action-completed"),
        card("overridden", "action-completed", role="nurse"),
        card("overridden"),
        card("accepted"),
    ]

    assert {name: one.cards for name, one in by(outcomes, "role").items()} == {
        "clinician": 3,
        "nurse": 1,
    }
    assert list(reasons(outcomes).items()) == [
        ("action-completed", Share(2, 3)),
        ("none given", Share(1, 3)),
    ]


def test_nearly_all_overridden_is_an_alarm_only_over_enough_cards() -> None:
    many, few = [card("overridden")] * 50, [card("overridden")] * 49
    ninety = [card("overridden")] * 45 + [card("accepted")] * 5

    assert alarms(figures(many), figures([])) == ["more than 90 % of the cards are overridden"]
    assert alarms(figures(few), figures([])) == []
    assert alarms(figures(ninety), figures([])) == []


def test_acceptance_that_falls_by_a_third_is_an_alarm() -> None:
    before = figures([card("accepted")] * 30 + [card()] * 30)
    same = figures([card("accepted")] * 21 + [card()] * 39)
    fallen = figures([card("accepted")] * 20 + [card()] * 40)

    assert alarms(same, before) == []
    assert alarms(fallen, before) == ["acceptance fell by a third or more"]
    assert alarms(fallen, replace(before, cards=49)) == []
