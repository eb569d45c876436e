"""A dropped connection is one: the process that serves ends it inside the answer, and goes on."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from wherry_ehr.migrate import upgrade

pytestmark = pytest.mark.slow


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[str]:
    """The base address of a sandbox EHR, served as the suite serves it, with faults on request."""
    database = f"sqlite:///{tmp_path}/ehr.db"
    upgrade(database)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "critical"),
        *("--blocking-threads", "2", "--backpressure", "16", "wherry_ehr.wsgi:app"),
    ]
    env = {
        "WHERRY_EHR_DATABASE_URL": database,
        "WHERRY_EHR_OPEN_FHIR": "true",
        "WHERRY_EHR_FAULT_HEADER": "true",
        "WHERRY_LOG_LEVEL": "error",
    }
    with subprocess.Popen(command, env=env) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def _ready(origin: str) -> str:
    session = requests.Session()
    for _ in range(600):
        try:
            if session.get(f"{origin}/readyz", timeout=5).status_code == 200:
                return f"{origin}/fhir"
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    pytest.fail("the sandbox EHR was not ready within a minute")


def test_a_client_sees_a_broken_answer_and_the_next_one_is_whole(faulty: str) -> None:
    session = requests.Session()

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        session.get(f"{faulty}/Patient", headers={"X-Wherry-Fault": "drop"}, timeout=10)

    throttled = session.get(
        f"{faulty}/Patient", headers={"X-Wherry-Fault": "throttle=3"}, timeout=10
    )
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "3")
    assert session.get(f"{faulty}/Patient", timeout=10).json()["total"] == 0
