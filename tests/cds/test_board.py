"""The board on SQLite and PostgreSQL: decisions, feedback, snoozes. All data are synthetic."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from wherry.adapters.sql import make_engine
from wherry_cds.board.port import About, Said, Snoozed
from wherry_cds.board.sql import SqlBoard
from wherry_cds.migrate import upgrade
from wherry_cds.policy.decide import Decision, Finding, Rule
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import Repeat, ServicePolicy

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NURSE = "Practitioner/nurse-1"
POLICY = ServicePolicy()
EACH_TIME = ServicePolicy(repeat_after_h=Repeat(info=0, warning=0, critical=0), most_a_day=1000)
ABOUT = About("t", "ehr", "early-warning", "patient-view", "p-1", "card-1", model="news2")
WARNING = Finding(NOW, Level.WARNING, 0.4, NURSE)


@pytest.fixture(params=["sqlite", "postgres"])
def board(request: pytest.FixtureRequest) -> Iterator[SqlBoard]:
    url: str = request.getfixturevalue(f"{request.param}_url")
    upgrade(url)
    engine = make_engine(url)
    yield SqlBoard(engine)
    engine.dispose()


def later(minutes: float, finding: Finding = WARNING) -> Finding:
    return replace(finding, at=NOW + timedelta(minutes=minutes))


def overridden(reason: str, *, card: str = "card-1", minutes: float = 1, **more: Any) -> Said:
    return Said(card, "overridden", NOW + timedelta(minutes=minutes), reason=reason, **more)


def test_every_decision_is_a_row_with_its_rule_and_its_policy(board: SqlBoard) -> None:
    first = board.judge(ABOUT, WARNING, POLICY)
    second = board.judge(replace(ABOUT, card="card-2"), later(5), POLICY)

    rows = board.rows("t", after=0, limit=10)
    assert (first, second) == (Decision(True, Rule.FIRST), Decision(False, Rule.WITHIN))
    assert [(row.shown, row.rule, row.about.card) for row in rows] == [
        (True, "first-crossing", "card-1"),
        (False, "within-repeat-window", "card-2"),
    ]
    assert (rows[0].at, rows[0].level, rows[0].amount) == (NOW, Level.WARNING, 0.4)
    assert len({row.policy for row in rows}) == 1
    assert board.rows("t", after=rows[0].id, limit=10) == rows[1:]


@pytest.mark.parametrize("other", ["tenant", "service", "patient"])
def test_another_tenant_service_or_patient_is_judged_apart(board: SqlBoard, other: str) -> None:
    board.judge(ABOUT, WARNING, POLICY)

    changed: dict[str, Any] = {other: "other"}
    made = board.judge(replace(ABOUT, **changed), later(1), POLICY)

    assert made == Decision(True, Rule.FIRST)


def test_of_two_calls_at_once_one_shows_the_card(board: SqlBoard) -> None:
    def ask(number: int) -> bool:
        about = replace(ABOUT, card=f"card-{number}")
        return board.judge(about, later(number / 1000), POLICY).shown

    with ThreadPoolExecutor(8) as pool:
        shown = list(pool.map(ask, range(16)))

    assert shown.count(True) == 1


@pytest.mark.parametrize(
    ("reason", "quiet_h"), [("action-completed", 24), ("wrong-time-workflow", 2)]
)
def test_an_override_is_quiet_for_as_long_as_its_reason_says(
    board: SqlBoard, reason: str, quiet_h: float
) -> None:
    board.judge(ABOUT, WARNING, EACH_TIME)
    board.take("t", "early-warning", [overridden(reason, minutes=0)], EACH_TIME)

    held = board.judge(replace(ABOUT, card="2"), later(quiet_h * 60 - 1), EACH_TIME)
    after = board.judge(replace(ABOUT, card="3"), later(quiet_h * 60 + 1), EACH_TIME)

    assert (held.rule, after.shown) == (Rule.SNOOZED, True)


def test_not_my_patient_silences_only_the_role_that_said_so(board: SqlBoard) -> None:
    board.judge(ABOUT, replace(WARNING, role="nurse"), EACH_TIME)
    board.take("t", "early-warning", [overridden("inappropriate-recipient")], EACH_TIME)

    mine = board.judge(replace(ABOUT, card="2"), replace(later(5), role="nurse"), EACH_TIME)
    theirs = replace(later(5), user="Practitioner/doctor-2", role="doctor")

    assert mine.rule is Rule.SNOOZED
    assert board.judge(replace(ABOUT, card="3"), theirs, EACH_TIME).shown


def test_a_doubt_about_the_data_opens_a_ticket_and_silences_nothing(board: SqlBoard) -> None:
    board.judge(ABOUT, WARNING, EACH_TIME)
    board.take("t", "early-warning", [overridden("need-more-info")], EACH_TIME)

    assert board.judge(replace(ABOUT, card="2"), later(5), EACH_TIME).shown
    assert board.of_patient("t", "p-1", since=NOW, limit=9)[2] == []
    assert [each.card for each in board.tickets("t")] == ["card-1"]


def test_whoever_becomes_critical_breaks_a_snooze(board: SqlBoard) -> None:
    board.judge(ABOUT, WARNING, POLICY)
    board.take("t", "early-warning", [overridden("action-completed")], POLICY)
    worse = replace(later(9), level=Level.CRITICAL, amount=0.7)

    made = board.judge(replace(ABOUT, card="2"), worse, POLICY)

    assert made == Decision(True, Rule.BROKE_SNOOZE)


def test_the_same_feedback_twice_is_kept_once_and_a_sequence_is_kept(board: SqlBoard) -> None:
    board.judge(ABOUT, WARNING, POLICY)
    accepted = Said("card-1", "accepted", NOW, suggestions=("s-1",))
    sent = [accepted, overridden("", comment="made-up words")]

    counts = [board.take("t", "early-warning", sent, POLICY) for _ in range(2)]

    _, said, _ = board.of_patient("t", "p-1", since=NOW, limit=9)
    assert counts == [0, 0]
    assert [one for one, _ in reversed(said)] == sent


@pytest.mark.parametrize(
    ("tenant", "service", "card"),
    [("other", "early-warning", "card-1"), ("t", "other", "card-1"), ("t", "early-warning", "x")],
)
def test_feedback_on_a_card_that_is_not_theirs_is_kept_as_an_orphan_and_silences_nothing(
    board: SqlBoard, tenant: str, service: str, card: str
) -> None:
    board.judge(ABOUT, WARNING, EACH_TIME)

    orphans = board.take(tenant, service, [overridden("action-completed", card=card)], EACH_TIME)

    assert orphans == 1
    assert board.judge(replace(ABOUT, card="2"), later(5), EACH_TIME).shown


def test_a_card_that_was_not_shown_cannot_be_overridden(board: SqlBoard) -> None:
    silent = msgspec.structs.replace(EACH_TIME, mode="silent")
    board.judge(ABOUT, WARNING, silent)

    assert board.take("t", "early-warning", [overridden("action-completed")], silent) == 1


def test_a_wish_for_quiet_holds_until_it_is_ended(board: SqlBoard) -> None:
    wish = Snoozed(
        id="z-1",
        tenant="t",
        patient="p-1",
        service="early-warning",
        user="",
        level=Level.WARNING,
        reason="seen at the bedside",
        card="",
        by=NURSE,
        since=NOW,
        until=NOW + timedelta(hours=4),
    )
    board.snooze(wish)
    held = board.judge(ABOUT, later(5), EACH_TIME)
    ended = board.end_snooze("t", "z-1", by=NURSE, at=NOW + timedelta(minutes=6))
    again = board.end_snooze("t", "z-1", by=NURSE, at=NOW + timedelta(minutes=7))

    assert (held.rule, ended, again) == (Rule.SNOOZED, True, False)
    assert board.judge(replace(ABOUT, card="2"), later(8), EACH_TIME).shown
    (kept,) = board.of_patient("t", "p-1", since=NOW, limit=9)[2]
    assert kept == replace(wish, ended=NOW + timedelta(minutes=6), ended_by=NURSE)


def test_another_tenant_cannot_end_a_snooze(board: SqlBoard) -> None:
    board.judge(ABOUT, WARNING, EACH_TIME)
    board.take("t", "early-warning", [overridden("action-completed")], EACH_TIME)
    (held,) = board.of_patient("t", "p-1", since=NOW, limit=9)[2]

    assert not board.end_snooze("other", held.id, by=NURSE, at=later(5).at)
