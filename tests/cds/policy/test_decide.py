"""Which cards are shown: one rule of the policy after the other. All data are synthetic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry_cds.policy.decide import Decision, Finding, Quiet, Rule, Seen, decide
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import Repeat, ServicePolicy

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NURSE = "Practitioner/nurse-1"
POLICY = ServicePolicy()
WARNING = Finding(NOW, Level.WARNING, 0.4, NURSE)
CRITICAL = replace(WARNING, level=Level.CRITICAL, amount=0.7)


def earlier(
    hours: float, level: Level = Level.WARNING, amount: float = 0.4, *, shown: bool = True
) -> Seen:
    return Seen(NOW - timedelta(hours=hours), level, amount, shown)


def quiet(hours: float = 1, *, user: str = "", level: Level = Level.WARNING) -> Quiet:
    return Quiet(NOW + timedelta(hours=hours), user, level)


def changed(**values: object) -> ServicePolicy:
    return msgspec.structs.replace(POLICY, **values)


@pytest.mark.parametrize(
    ("finding", "seen", "holding", "rule"),
    [
        (WARNING, [], [], Rule.FIRST),
        (WARNING, [earlier(1, Level.INFO, 0.35)], [], Rule.ESCALATION),
        (WARNING, [earlier(1, amount=0.29)], [], Rule.CHANGE),
        (WARNING, [earlier(9)], [], Rule.REPEAT),
        (CRITICAL, [earlier(2.1, Level.CRITICAL, 0.7)], [], Rule.REPEAT),
        (
            WARNING,
            [earlier(3), earlier(1, Level.INFO, 0.3, shown=False)],
            [],
            Rule.FIRST,
        ),
        (CRITICAL, [earlier(1)], [quiet()], Rule.BROKE_SNOOZE),
        (replace(WARNING, level=Level.INFO, amount=None, refused=True), [], [], Rule.REFUSAL),
        (WARNING, [earlier(1, shown=False)], [], Rule.FIRST),
        (WARNING, [], [quiet(-0.1)], Rule.FIRST),
        (WARNING, [], [quiet(user="Practitioner/other")], Rule.FIRST),
        (replace(WARNING, user=""), [], [], Rule.FIRST),
    ],
)
def test_what_is_news_is_shown_and_says_why(
    finding: Finding, seen: Sequence[Seen], holding: Sequence[Quiet], rule: Rule
) -> None:
    assert decide(POLICY, finding, seen, holding) == Decision(True, rule)


@pytest.mark.parametrize(
    ("finding", "seen", "holding", "rule"),
    [
        (WARNING, [earlier(7.9)], [], Rule.WITHIN),
        (WARNING, [earlier(1, amount=0.31)], [], Rule.WITHIN),
        (WARNING, [earlier(1, Level.CRITICAL, 0.7)], [], Rule.WITHIN),
        (
            WARNING,
            [earlier(3), earlier(1, Level.INFO, 0.36, shown=False)],
            [],
            Rule.WITHIN,
        ),
        (WARNING, [], [quiet()], Rule.SNOOZED),
        (WARNING, [], [quiet(user=NURSE)], Rule.SNOOZED),
        (CRITICAL, [], [quiet(level=Level.CRITICAL)], Rule.SNOOZED),
        (CRITICAL, [earlier(1, Level.CRITICAL, 0.7)], [quiet()], Rule.SNOOZED),
        (replace(WARNING, level=Level.NONE, amount=0.05), [], [], Rule.BELOW),
        (replace(WARNING, user="Patient/p-1"), [], [], Rule.USER),
        (replace(WARNING, user="RelatedPerson/r-1"), [], [], Rule.USER),
    ],
)
def test_what_is_no_news_is_not_shown_and_says_why(
    finding: Finding, seen: Sequence[Seen], holding: Sequence[Quiet], rule: Rule
) -> None:
    assert decide(POLICY, finding, seen, holding) == Decision(False, rule)


def test_a_day_has_only_so_many_cards_unless_it_gets_worse() -> None:
    policy = changed(most_a_day=2, repeat_after_h=Repeat(warning=1))
    seen = [earlier(23), earlier(2)]

    assert decide(policy, WARNING, seen, []) == Decision(False, Rule.CAP)
    assert decide(policy, CRITICAL, seen, []) == Decision(True, Rule.ESCALATION)
    assert decide(policy, WARNING, [earlier(25), earlier(2)], []).shown


def test_in_silent_mode_nothing_is_shown_and_what_would_not_be_says_its_own_rule() -> None:
    silent = changed(mode="silent")

    assert decide(silent, CRITICAL, [], []) == Decision(False, Rule.SILENT)
    assert decide(silent, WARNING, [], [quiet()]) == Decision(False, Rule.SNOOZED)


def test_switched_off_shows_nothing_at_all() -> None:
    assert decide(changed(mode="off"), CRITICAL, [], []) == Decision(False, Rule.OFF)


def test_refusals_may_be_muted_by_policy() -> None:
    refused = replace(WARNING, level=Level.INFO, amount=None, refused=True)

    assert decide(changed(refused="nothing"), refused, [], []) == Decision(
        False, Rule.REFUSAL_MUTED
    )


def test_low_scores_are_shown_where_the_policy_asks_for_them() -> None:
    low = replace(WARNING, level=Level.NONE, amount=0.05)

    assert decide(changed(least="none"), low, [], []) == Decision(True, Rule.FIRST)


def test_a_window_of_no_hours_shows_each_time() -> None:
    policy = changed(repeat_after_h=Repeat(info=0, warning=0, critical=0), most_a_day=1000)

    assert decide(policy, WARNING, [earlier(0)], []) == Decision(True, Rule.REPEAT)


course = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from(Level), st.floats(0, 1)), max_size=60
)


def _played(
    policy: ServicePolicy, steps: Sequence[tuple[int, Level, float]]
) -> list[tuple[Seen, Rule]]:
    """Each call `minutes` after the one before, with what the policy made of it."""
    at, seen = NOW, list[tuple[Seen, Rule]]()
    for minutes, level, amount in steps:
        at += timedelta(minutes=minutes)
        made = decide(policy, Finding(at, level, amount, NURSE), [one for one, _ in seen], [])
        seen.append((Seen(at, level, amount, made.shown), made.rule))
    return seen


@given(course, st.integers(1, 4))
def test_no_course_shows_more_than_the_cap_besides_what_is_urgent(
    steps: Sequence[tuple[int, Level, float]], most: int
) -> None:
    played = _played(changed(most_a_day=most), steps)

    for at, (last, _) in enumerate(played):
        day = [one for one in played[: at + 1] if last.at - one[0].at < timedelta(hours=24)]
        held = [
            rule
            for one, rule in day
            if one.shown
            and rule is not Rule.ESCALATION
            and not (rule is Rule.FIRST and one.level is Level.CRITICAL)
        ]
        assert len(held) <= most


@given(course)
def test_whoever_becomes_critical_is_shown_as_critical(
    steps: Sequence[tuple[int, Level, float]],
) -> None:
    played = [one for one, _ in _played(POLICY, steps)]

    for at, each in enumerate(played):
        if each.level is Level.CRITICAL:
            shown = [one for one in played[: at + 1] if one.shown]
            assert any(one.level is Level.CRITICAL for one in shown)


@given(course)
def test_the_same_score_again_and_again_is_shown_once_a_window(
    steps: Sequence[tuple[int, Level, float]],
) -> None:
    same = [(minutes, Level.WARNING, 0.4) for minutes, _, _ in steps]
    shown = [one.at for one, _ in _played(POLICY, same) if one.shown]

    apart = [later - before for before, later in pairwise(shown)]
    assert all(each >= timedelta(hours=8) for each in apart)


def test_a_crossing_into_critical_breaks_even_a_snooze_at_critical() -> None:
    seen = [
        earlier(3, Level.CRITICAL, 0.7),
        earlier(1, Level.INFO, 0.3, shown=False),
    ]

    assert decide(POLICY, CRITICAL, seen, [quiet(level=Level.CRITICAL)]) == Decision(
        True, Rule.BROKE_SNOOZE
    )
    assert decide(POLICY, CRITICAL, seen[:1], [quiet(level=Level.CRITICAL)]) == Decision(
        False, Rule.SNOOZED
    )


def test_a_fall_of_the_score_beside_is_a_fall_too() -> None:
    """The estimate may stand still while NEWS2 falls and rises again."""
    critical = replace(CRITICAL, amount=0.2, beside=0.45)
    shown = replace(earlier(1.5, Level.CRITICAL, 0.2), beside=0.45)
    between = replace(earlier(1, Level.INFO, 0.2, shown=False), beside=0.1)

    assert decide(POLICY, critical, [shown, between], []) == Decision(True, Rule.FIRST)
    assert decide(POLICY, critical, [shown], []) == Decision(False, Rule.WITHIN)


def test_another_stay_sees_the_card_unless_the_policy_says_otherwise() -> None:
    moved = replace(WARNING, stay="e-2")
    seen = [replace(earlier(1), stay="e-1")]

    assert decide(POLICY, moved, seen, []) == Decision(True, Rule.STAY)
    assert decide(changed(new_stay_shows=False), moved, seen, []) == Decision(False, Rule.WITHIN)
    assert decide(POLICY, WARNING, seen, []) == Decision(False, Rule.WITHIN)


def test_cards_of_others_in_the_stay_count_for_the_cap() -> None:
    assert decide(changed(most_a_day=3), WARNING, [], [], others=3) == Decision(False, Rule.CAP)
    assert decide(changed(most_a_day=3), WARNING, [], [], others=2).shown
    assert decide(changed(most_a_day=3), CRITICAL, [], [], others=9) == Decision(True, Rule.FIRST)


def test_a_snooze_of_a_role_holds_for_that_role_only() -> None:
    nurses = replace(quiet(), role="nurse")

    assert decide(POLICY, replace(WARNING, role="nurse"), [], [nurses]).rule is Rule.SNOOZED
    assert decide(POLICY, replace(WARNING, role="doctor"), [], [nurses]).shown


def test_without_an_occasion_there_is_no_card() -> None:
    assert decide(POLICY, replace(CRITICAL, nothing=True), [], []) == Decision(
        False, Rule.NO_OCCASION
    )


def test_silent_mode_counts_a_crossing_once() -> None:
    before = replace(earlier(1, shown=False), silent=True)

    assert decide(changed(mode="silent"), WARNING, [before], []).rule is Rule.WITHIN
    assert decide(POLICY, WARNING, [before], []) == Decision(True, Rule.FIRST)


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=0.01, max_value=30),
            st.sampled_from(Level),
            st.floats(min_value=0, max_value=1),
        ),
        max_size=40,
    ),
    st.integers(min_value=1, max_value=4),
)
def test_no_sequence_of_calls_shows_more_than_the_cap_and_every_crossing_into_critical_is_shown(
    calls: list[tuple[float, Level, float]], cap: int
) -> None:
    """Only what got worse, or is critical for the first time, goes over the cap."""
    policy, at = changed(most_a_day=cap), NOW
    seen: list[Seen] = []
    capped: list[datetime] = []
    for hours, level, amount in calls:
        at += timedelta(hours=hours)
        finding = Finding(at, level, amount, NURSE)
        shown = [each for each in seen if each.shown]
        made = decide(policy, finding, seen, [])
        crossing = level is Level.CRITICAL and not (shown and shown[-1].level is Level.CRITICAL)
        assert made.shown or not crossing
        urgent = made.rule is Rule.ESCALATION or (made.rule is Rule.FIRST and level == 3)
        if made.shown and not urgent:
            capped.append(at)
        assert sum(at - one < timedelta(hours=24) for one in capped) <= cap
        seen.append(Seen(at, level, amount, made.shown))
