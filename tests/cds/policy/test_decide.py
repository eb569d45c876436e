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
