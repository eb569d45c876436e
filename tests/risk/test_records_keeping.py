"""Score records go when they are old, get another key, and whoever does so is noted."""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading
from wherry.codec import decode
from wherry.errors import Failure
from wherry.retention import Keeping
from wherry_risk.audit_sql import SqlScoreAudit
from wherry_risk.cli import risk
from wherry_risk.housekeeping import keep_records
from wherry_risk.migrate import upgrade
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.recording import kept_of
from wherry_risk.records import ScoreRecord
from wherry_risk.records_keeping import CHORE, purge_when_due
from wherry_risk.records_keeping_sql import AT_ONCE, SqlRecordKeeper
from wherry_risk.records_sql import PatientKeys, SqlRecords
from wherry_risk.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEEPING = Keeping(10, 10, time(3, 0))
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def one(make: Any, models: Any) -> ScoreRecord:
    judged = judge(models["news2"], record(make.normal()), at=NOW)
    return kept_of(judged, id_="r", made_at=NOW, asked_by="request")


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = str(request.getfixturevalue(f"{request.param}_url"))
    upgrade_inbox(url)
    upgrade(url)
    made = make_engine(url)
    yield made
    made.dispose()


def aged(one: ScoreRecord, *ages_d: float) -> list[ScoreRecord]:
    """One record of each age in days."""
    return [
        replace(one, head=replace(one.head, id=f"r-{n}", made_at=NOW - timedelta(days=age)))
        for n, age in enumerate(ages_d)
    ]


def left(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("SELECT id FROM score_record ORDER BY n")))


def due(engine: Engine, *, pause: Callable[[], bool] = lambda: True, now: datetime = NOW) -> bool:
    keeper = SqlRecordKeeper(engine, Sealer(), PatientKeys())
    return purge_when_due(
        SqlChores(engine), keeper, SqlScoreAudit(engine), KEEPING, now=now, owner="w", pause=pause
    )


def test_once_a_day_what_is_old_goes_and_that_is_noted(engine: Engine, one: ScoreRecord) -> None:
    SqlRecords(engine).add(aged(one, 11, 9, 30, 0))

    assert due(engine)

    assert left(engine) == ["r-1", "r-3"]
    (row,) = SqlScoreAudit(engine).deeds()
    assert (row.who, row.what, row.note) == (
        "daily purge",
        "purge",
        "2 records from before 2026-02-19",
    )
    assert SqlChores(engine).last(CHORE).rows == 2


def test_it_stops_after_a_page_when_it_is_told_to_and_is_due_again(
    engine: Engine, one: ScoreRecord
) -> None:
    SqlRecords(engine).add(aged(one, *[20.0] * (AT_ONCE + 50)))

    assert not due(engine, pause=lambda: False)

    assert len(left(engine)) == 50
    assert SqlChores(engine).last(CHORE).ended_at is None


def test_all_pages_go(engine: Engine, one: ScoreRecord) -> None:
    SqlRecords(engine).add(aged(one, *[20.0] * (AT_ONCE + 50)))

    assert due(engine)

    assert left(engine) == []
    assert not due(engine)


def test_the_inboxs_own_purge_is_another_chore() -> None:
    assert CHORE != "purge"


def test_without_a_time_of_day_nothing_is_due() -> None:
    assert Settings(records_purge_at="").records_keeping.due(NOW) is None
    assert Settings().records_keeping.due(NOW) == datetime(2026, 3, 1, 3, 30, tzinfo=UTC)


def test_without_a_time_of_day_no_thread_is_started(sqlite_url: str) -> None:
    before = threading.active_count()

    keep_records(Settings(database_url=sqlite_url, records_purge_at=""))

    assert threading.active_count() == before


def test_what_went_leaves_nothing_readable_in_the_file(
    sqlite_url: str, one: ScoreRecord, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    marked = replace(one, head=replace(one.head, patient_id="patient-of-the-canary"))
    SqlRecords(engine).add([marked])
    SqlRecordKeeper(engine, Sealer(), PatientKeys()).drop(NOW + timedelta(days=1))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()

    assert b"canary" not in b"".join(path.read_bytes() for path in tmp_path.glob("wherry.db*"))


def test_records_of_an_older_key_get_the_first_one(engine: Engine, one: ScoreRecord) -> None:
    for id_, keys in (("clear", ()), ("old", (OLD,)), ("new", (NEW,))):
        made = replace(one, head=replace(one.head, id=id_))
        SqlRecords(engine, Sealer(keys), PatientKeys(keys)).add([made])
    both = (NEW, OLD)
    keeper = SqlRecordKeeper(engine, Sealer(both), PatientKeys(both))

    assert [keeper.reseal(), keeper.reseal()] == [2, 0]

    only = SqlRecords(engine, Sealer((NEW,)), PatientKeys((NEW,)))
    found = only.of_patient("p-1", model="news2", since=NOW)
    assert [head.id for head in found] == ["clear", "old", "new"]
    assert only.get("clear").body == one.body


def test_without_the_old_key_nothing_is_changed(engine: Engine, one: ScoreRecord) -> None:
    SqlRecords(engine, Sealer((OLD,)), PatientKeys((OLD,))).add([one])

    with pytest.raises(Failure, match="not in WHERRY_INBOX_KEY"):
        SqlRecordKeeper(engine, Sealer((NEW,)), PatientKeys((NEW,))).reseal()

    assert SqlRecords(engine, Sealer((OLD,)), PatientKeys((OLD,))).get("r") == one


@pytest.fixture
def run(tmp_path: Path, one: ScoreRecord) -> Callable[..., Result]:
    """The commands on records of 200 and of 0 days."""
    url = f"sqlite:///{tmp_path / 'wherry.db'}"
    upgrade(url)
    engine = make_engine(url)
    now = datetime.now(UTC)  # noqa: TID251 - the command asks its own clock
    heads = [replace(one.head, id=f"r-{d}", made_at=now - timedelta(days=d)) for d in (200, 0)]
    SqlRecords(engine).add([replace(one, head=head) for head in heads])
    engine.dispose()

    def invoked(*arguments: str) -> Result:
        key = {"WHERRY_INBOX_KEY": b64encode(NEW).decode()}
        called = ["records", *arguments, "--data", str(tmp_path)]
        return CliRunner().invoke(risk, called, env=key if arguments[0] == "rekey" else {})

    return invoked


def test_the_commands_say_what_they_did(run: Callable[..., Result]) -> None:
    assert run("purge").stdout.startswith("1 records from before ")
    assert run("purge", "--older-than-days", "999").stdout.startswith("0 records ")
    assert run("rekey").stdout == "1 records sealed\n"

    told = [decode(line) for line in run("audit", "--json").stdout.splitlines()]
    assert [(one["what"], one["who"][:3]) for one in told] == [("purge", "os:"), ("rekey", "os:")]
    assert len(run("audit").stdout.splitlines()) == 2
