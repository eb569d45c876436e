"""The fetcher as a process: it ends when told to, and goes on where a killed one stood."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from tests.devices.connected import consented
from tests.devices.fetched import reading as measured
from tests.devices.loopback import Vendor

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_tables import message
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading, writing
from wherry.codec import decode
from wherry_devices.accounts.connection_tables import device_connection
from wherry_devices.accounts.connections import Access, Consented
from wherry_devices.accounts.connections_sql import SqlConnections
from wherry_devices.migrate import upgrade

PATIENCE_S = 30.0
KILLS = 4


@pytest.fixture
def url(tmp_path: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with tables, and settings that name it."""
    made = f"sqlite:///{tmp_path}/wherry.db"
    upgrade_inbox(made)
    upgrade(made)
    vendors = {"withings": {"client_id": "c", "client_secret": "made-up", "base_url": vendor.url}}
    monkeypatch.setenv("WHERRY_DATABASE_URL", made)
    monkeypatch.setenv("WHERRY_REDIS_URL", "redis://127.0.0.1:9/0")  # a hint only: nobody is there
    monkeypatch.setenv("WHERRY_DEVICES_VENDORS", json.dumps(vendors))
    return made


@contextmanager
def fetcher() -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "wherry_devices.fetcher"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_fetcher_works_by_itself_and_ends_when_it_is_told_to(url: str, vendor: Vendor) -> None:
    engine = make_engine(url)
    vendor.behind.refresh = "refresh-4711"
    vendor.behind.groups = [measured(number) for number in range(3)]
    connections = SqlConnections(engine, Sealer())
    desk = SqlInboxDesk(engine)
    with fetcher() as process:
        connections.connect(expired(consented(cursor="0")))
        until(lambda: connections.search()[0].fetched_at is not None)

        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert sum(desk.counts().values()) == 2
    assert vendor.behind.refreshes == 1
    assert b"fetcher_stopped" in told
    for secret in (b"refresh-4711", b"access-4711", b"made-up", b"4711"):
        assert secret not in told
    engine.dispose()


def test_a_killed_fetcher_loses_no_page_and_no_consent(url: str, vendor: Vendor) -> None:
    engine = make_engine(url)
    vendor.behind.access, vendor.behind.slow_s = "access-4711", 0.5
    vendor.behind.groups = [measured(number) for number in range(6)]
    connections = SqlConnections(engine, Sealer())
    desk = SqlInboxDesk(engine)
    connections.connect(consented(cursor="0"))
    with fetcher():
        until(lambda: cursor(engine) != "0")
    with writing(engine) as database:  # as if the dead one's lease had ended
        database.execute(update(device_connection).values(free_s=0.0))
    with fetcher():
        until(lambda: connections.search()[0].fetched_at is not None)

    offsets = [one.form.get("offset") for one in vendor.behind.asked]
    kept = sum(desk.counts().values())
    engine.dispose()

    assert offsets[0] is None
    assert offsets.count(None) == 1  # it did not begin again
    assert offsets[-1] == "4"
    assert kept >= 3
    assert connections.search()[0].trouble == ""


def test_a_fetcher_killed_again_and_again_keeps_the_consent_and_all_pages(
    url: str, vendor: Vendor
) -> None:
    engine = make_engine(url)
    vendor.behind.refresh, vendor.behind.grace = "refresh-4711", True
    vendor.behind.slow_s = 0.05
    vendor.behind.groups = [measured(number) for number in range(8)]
    connections = SqlConnections(engine, Sealer())
    connections.connect(consented(cursor="0"))
    dice = random.Random(10)  # noqa: S311 - when to kill
    for _ in range(KILLS):
        again(engine)
        heard = len(vendor.behind.asked)
        with fetcher():
            until(lambda before=heard: len(vendor.behind.asked) > before)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.3))
    again(engine)
    with fetcher():
        until(lambda: connections.search()[0].fetched_at is not None)

    [seen] = connections.search()
    with reading(engine) as database:
        bodies = database.scalars(select(message.c.body)).all()
    engine.dispose()
    kept = {one["grpid"] for body in bodies for one in decode(body)["body"]["measuregrps"]}

    assert (seen.access, seen.trouble) == (Access.ACTIVE, "")
    assert kept == {one["grpid"] for one in vendor.behind.groups}


def cursor(engine: Engine) -> str:
    with reading(engine) as database:
        return str(database.scalar(select(device_connection.c.cursor)))


def again(engine: Engine) -> None:
    """As if the dead one's lease had ended and a night had passed."""
    with writing(engine) as database:
        over = {"free_s": 0.0, "next_s": 0.0, "expires_s": 0.0, "fetched_s": 0.0}
        database.execute(update(device_connection).values(over))


def expired(one: Consented) -> Consented:
    return replace(one, tokens=replace(one.tokens, expires_at=datetime(2026, 1, 1, tzinfo=UTC)))
