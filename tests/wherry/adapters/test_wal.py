"""The write-ahead log of SQLite is emptied beside those who write, and bounded."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.adapters.wal import Checkpoints
from wherry.ports import Arrival

MB = 1024 * 1024


def wait_for(done: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while not done() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert done()


def writer(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE IF NOT EXISTS t (b BLOB)")
    return connection


def fill(connection: sqlite3.Connection, megabytes: int) -> None:
    for _ in range(megabytes):
        connection.execute("INSERT INTO t VALUES (zeroblob(?))", (MB,))


def log_size(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def test_what_is_in_the_log_goes_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    connection = writer(path)
    fill(connection, 6)
    before = path.stat().st_size

    Checkpoints(str(path)).written()

    wait_for(lambda: path.stat().st_size > 6 * MB)
    assert before < MB
    connection.close()


def test_a_log_that_grew_too_long_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    connection = writer(path)
    fill(connection, 70)

    Checkpoints(str(path)).written()

    wait_for(lambda: log_size(path) == 0)
    connection.close()


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    connection = writer(path)
    fill(connection, 1)
    checkpoints = Checkpoints(str(path))

    checkpoints.written()

    assert checkpoints._thread is None
    connection.close()


def test_no_commit_of_an_inbox_waits_for_a_checkpoint_and_its_log_stays_bounded(
    sqlite_url: str, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    inbox = SqlInbox(engine)

    for _ in range(12):
        inbox.keep([Arrival("hl7", b"synthetic" * 1000)] * 100)

    path = tmp_path / "wherry.db"
    wait_for(lambda: path.stat().st_size > 5 * MB)
    engine.dispose()
