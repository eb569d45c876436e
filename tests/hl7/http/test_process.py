"""The service under its own server: bodies in chunks, long files, the same answers. Synthetic."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.migrate import upgrade
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.keys import read_keys
from wherry.suite.addresses import free_port
from wherry.suite.readiness import is_ready
from wherry.testing.hl7 import message, segment

KEY = "bWFkZS11cCBrZXkgb2YgMzIgYnl0ZXMgZm9yIHRlc3Q="
PID = segment("PID", {3: "42^^^SYNTHETIC", 5: "Made^Up"})
FLAGS = "--interface wsgi --http 1 --no-ws --workers 1 --blocking-threads 4 --host 127.0.0.1"

pytestmark = pytest.mark.slow


@pytest.fixture
def port(sqlite_url: str, redis_url: str, tmp_path: Path) -> Iterator[int]:
    """The service on a free port, with a key."""
    upgrade(sqlite_url)
    taken = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", *FLAGS.split()),
                *("--port", str(taken), "wherry_hl7.wsgi:app"),
            ],
            env={
                "PATH": "/usr/bin:/bin",
                "WHERRY_DATABASE_URL": sqlite_url,
                "WHERRY_REDIS_URL": redis_url,
                "WHERRY_INBOX_KEY": KEY,
            },
            stdout=log,
            stderr=log,
        )
    deadline_s = time.monotonic() + 30
    while not is_ready(f"http://127.0.0.1:{taken}/readyz"):
        assert process.poll() is None, (tmp_path / "log").read_text()[-2000:]
        assert time.monotonic() < deadline_s, "not ready in time"
        time.sleep(0.1)
    yield taken
    process.terminate()
    process.wait(10)


def test_a_file_in_chunks_is_kept_and_answered_message_by_message(
    port: int, sqlite_url: str
) -> None:
    bodies = [message(PID, "NTE|1||" + "x" * 5000, control_id=f"C-{n}") for n in range(1000)]
    chunks = [b"\r".join(bodies[at : at + 7]) + b"\r" for at in range(0, 1000, 7)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    connection.request(
        "POST", "/hl7v2", iter(chunks), {"Content-Type": "application/hl7-v2"}, encode_chunked=True
    )
    answer = connection.getresponse()
    told = answer.read().decode()
    open_ = connection.sock
    connection.request("POST", "/hl7v2", bodies[0], {"Content-Type": "application/hl7-v2"})
    again = connection.getresponse().read()
    assert connection.sock is open_
    assert b"MSA|AA|C-0" in again
    connection.close()

    engine = make_engine(sqlite_url)
    kept = SqlInboxDesk(engine, Sealer(read_keys(KEY))).search(limit=2000)
    engine.dispose()
    assert answer.status == 200
    assert [line.split("|")[2] for line in told.split("\r") if line.startswith("MSA|AA")] == [
        f"C-{n}" for n in range(1000)
    ]
    assert [one.body for one in kept] == bodies
