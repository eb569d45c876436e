"""The worker process starts, works on what is kept, and stops cleanly when told to."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.codec import decode
from wherry.ports import Arrival, State

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worker(redis_url: str, sqlite_url: str) -> Iterator[subprocess.Popen[str]]:
    """A worker on an inbox with one message that cannot be read."""
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    SqlInbox(engine).keep([Arrival("hl7", b"no HL7 at all: Doe^Jo")])
    engine.dispose()
    process = subprocess.Popen(
        [sys.executable, "-m", "wherry_hl7.worker"],
        stderr=subprocess.PIPE,
        text=True,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT / 'services/hl7'}",
            "WHERRY_REDIS_URL": redis_url,
            "WHERRY_DATABASE_URL": sqlite_url,
            "WHERRY_FHIR_URL": "http://127.0.0.1:9/fhir",
        },
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_it_sets_aside_what_it_cannot_read_and_stops_on_sigterm(
    worker: subprocess.Popen[str], sqlite_url: str
) -> None:
    assert worker.stderr is not None
    events = []
    for line in worker.stderr:
        events.append(decode(line)["event"])
        if events[-1] == "message_set_aside":
            break
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=10)
    engine = make_engine(sqlite_url)
    (kept,) = SqlInboxDesk(engine).search()
    engine.dispose()

    assert worker.returncode == 0
    assert (kept.state, kept.reason) == (State.ASIDE, "invalid at MSH: no MSH segment")
    assert "worker_started" in events
    assert "worker_stopped" in rest
    assert "Doe" not in rest
