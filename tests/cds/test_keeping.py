"""Old rows of the service's tables go, once a day or by hand. All data are synthetic."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, Table, func, insert, select

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine, reading, writing
from wherry.retention import Keeping
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.keeping_sql import AT_ONCE, SqlRowKeeper
from wherry_cds.board.port import About, Said, Snoozed
from wherry_cds.board.sql import SqlBoard
from wherry_cds.cli import cds
from wherry_cds.housekeeping import keep_rows
from wherry_cds.keeping import CHORE, purge_when_due
from wherry_cds.migrate import upgrade
from wherry_cds.policy.decide import Finding
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import Repeat, ServicePolicy
from wherry_cds.settings import Settings
from wherry_cds.tables import cds_audit, cds_decision, cds_feedback, cds_snooze, cds_ticket

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEEPING = Keeping(400, 400, time(3, 0))
EACH_TIME = ServicePolicy(repeat_after_h=Repeat(info=0, warning=0, critical=0), most_a_day=1000)
NURSE = "Practitioner/nurse-1"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = str(request.getfixturevalue(f"{request.param}_url"))
    upgrade_inbox(url)
    upgrade(url)
    made = make_engine(url)
    yield made
    made.dispose()


def course(engine: Engine, name: str, days: float, *, reason: str = "", now: datetime = NOW) -> int:
    """A card shown and overridden so many days ago, an audit row, a snooze; the ticket's id or 0.

    What is kept carries the database's own time for feedback, so that is set back.
    """
    board, at = SqlBoard(engine), now - timedelta(days=days)
    about = About("t", "ehr", "early-warning", "patient-view", f"p-{name}", f"card-{name}")
    board.judge(about, Finding(at, Level.WARNING, 0.4, NURSE), EACH_TIME)
    said = Said(about.card, "overridden", at, reason=reason, comment="canary")
    board.take("t", "early-warning", [said], EACH_TIME)
    with writing(engine) as connection:
        row = cds_feedback.c
        connection.execute(
            cds_feedback.update().where(row.card_id == about.card).values(received_s=at.timestamp())
        )
        connection.execute(
            insert(cds_audit).values(
                at_s=at.timestamp(),
                event="acknowledged",
                tenant="t",
                who=NURSE,
                patient_id=about.patient,
                about="",
            )
        )
    tickets = [one.id for one in board.tickets("t") if one.card == about.card]
    return tickets[0] if tickets else 0


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def cards(engine: Engine) -> list[str]:
    return [row.about.card for row in SqlBoard(engine).rows("t", after=0, limit=999)]


def due(engine: Engine, *, pause: Callable[[], bool] = lambda: True, owner: str = "w") -> bool:
    return purge_when_due(
        SqlChores(engine),
        SqlRowKeeper(engine),
        SqlAudit(engine),
        KEEPING,
        now=NOW,
        owner=owner,
        pause=pause,
    )


def test_once_a_day_what_is_old_goes_and_that_is_noted(engine: Engine) -> None:
    for name, days in (("old", 402), ("young", 399)):
        course(engine, name, days, reason="action-completed")

    assert due(engine)

    assert cards(engine) == ["card-young"]
    kept = [count(engine, table) for table in (cds_decision, cds_feedback, cds_snooze)]
    assert kept == [1, 1, 1]
    deeds = SqlAudit(engine).rows("", after=0, limit=9)
    assert [(one.event, one.who) for one in deeds] == [
        ("acknowledged", NURSE),
        ("purged", "daily purge"),
    ]
    assert deeds[-1].about == "rows=4 before=2025-01-25"
    assert SqlChores(engine).last(CHORE).rows == 4
    assert not due(engine, owner="another process")


def test_what_an_open_ticket_is_about_stays_until_it_is_closed(engine: Engine) -> None:
    ticket = course(engine, "doubted", 500, reason="need-more-info")
    before, keeper = NOW - timedelta(days=400), SqlRowKeeper(engine)

    while keeper.drop(before):
        pass
    assert (cards(engine), count(engine, cds_feedback)) == (["card-doubted"], 1)

    closed = SqlBoard(engine).close_ticket("t", ticket, by="dr.who", at=before - timedelta(days=1))
    while keeper.drop(before):
        pass
    assert closed
    tables = (cds_decision, cds_feedback, cds_ticket, cds_audit)
    assert [count(engine, table) for table in tables] == [0, 0, 0, 0]


def test_a_snooze_that_still_holds_stays_however_long_ago_it_began(engine: Engine) -> None:
    wish = Snoozed(
        id="z-1",
        tenant="t",
        patient="p-1",
        service="early-warning",
        user="",
        level=Level.WARNING,
        reason="in review",
        card="",
        by=NURSE,
        since=NOW - timedelta(days=500),
        until=NOW + timedelta(days=1),
    )
    SqlBoard(engine).snooze(wish)

    assert SqlRowKeeper(engine).drop(NOW - timedelta(days=400)) == 0
    assert count(engine, cds_snooze) == 1


def test_it_stops_after_a_page_when_it_is_told_to_and_is_due_again(engine: Engine) -> None:
    old = {"at_s": (NOW - timedelta(days=500)).timestamp(), "event": "cards-read"}
    rest = {"tenant": "t", "who": NURSE, "patient_id": "p-1", "about": ""}
    with writing(engine) as connection:
        connection.execute(insert(cds_audit), [{**old, **rest}] * (AT_ONCE + 50))

    assert not due(engine, pause=lambda: False)
    assert count(engine, cds_audit) == 50 + 1
    assert SqlChores(engine).last(CHORE).ended_at is None


def test_all_pages_go(engine: Engine) -> None:
    old = {"at_s": (NOW - timedelta(days=500)).timestamp(), "event": "cards-read"}
    rest = {"tenant": "t", "who": NURSE, "patient_id": "p-1", "about": ""}
    with writing(engine) as connection:
        connection.execute(insert(cds_audit), [{**old, **rest}] * (AT_ONCE + 50))

    assert due(engine)
    assert [one.event for one in SqlAudit(engine).rows("", after=0, limit=9)] == ["purged"]


def test_what_went_leaves_nothing_readable_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    course(engine, "of-the-canary", 500)
    SqlRowKeeper(engine).drop(NOW - timedelta(days=400))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()

    assert b"canary" not in b"".join(path.read_bytes() for path in tmp_path.glob("wherry.db*"))


def test_without_a_time_of_day_nothing_is_due_and_no_thread_is_started(sqlite_url: str) -> None:
    settings = Settings(database_url=sqlite_url, purge_at="")
    before = threading.active_count()

    keep_rows(settings)

    assert threading.active_count() == before
    assert settings.keeping.due(NOW) is None
    assert Settings().keeping == Keeping(400, 400, time(3, 40))


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The commands on courses of 500 and of 40 days ago, the first with an open ticket."""
    monkeypatch.setenv("WHERRY_DATABASE_URL", sqlite_url)
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    now = datetime.now(UTC)  # noqa: TID251 - the command asks its own clock
    course(engine, "doubted", 500, reason="need-more-info", now=now)
    course(engine, "older", 450, now=now)
    course(engine, "old", 40, now=now)
    engine.dispose()
    return lambda *words: CliRunner().invoke(cds, ["audit", *words])


def test_the_purge_by_hand_says_what_it_did_and_is_noted(run: Callable[..., Result]) -> None:
    assert run("purge").stdout.startswith("4 rows from before ")
    assert run("purge", "--older-than-days", "30").stdout.startswith("3 rows from before ")
    assert run("purge", "--older-than-days", "29").exit_code == 2

    told = [json.loads(line) for line in run("deeds").stdout.splitlines()]
    assert [(one["event"], one["who"][:3]) for one in told] == [("purged", "os:")] * 2


def test_a_ticket_is_closed_once_by_name_and_that_is_noted(run: Callable[..., Result]) -> None:
    (ticket,) = (json.loads(line) for line in run("tickets", "--tenant", "t").stdout.splitlines())
    words = ("close-ticket", str(ticket["id"]), "--by", "dr.who")

    assert run(*words, "--tenant", "other").exit_code == 1
    assert run(*words).stdout == f"closed: ticket {ticket['id']}\n"
    assert "no such open ticket" in run(*words).output
    assert run("close-ticket", str(ticket["id"]), "--by", " ").exit_code == 2
    assert run("tickets", "--tenant", "t").stdout == ""
    last = json.loads(run("deeds").stdout.splitlines()[-1])
    assert (last["event"], last["who"], last["about"]) == (
        "ticket-closed",
        "dr.who",
        f"ticket={ticket['id']} card=card-doubted",
    )
