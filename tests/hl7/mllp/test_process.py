"""The listener as a process: real SQLite, real Redis, SIGTERM. All messages are synthetic."""

import http.client
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.hl7.mllp.authority import Authority
from tests.hl7.mllp.harness import answer, wait_for

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.codec import decode
from wherry.hl7.framing import frame
from wherry.hl7.mllp_client import MllpClient

pytestmark = pytest.mark.slow

MESSAGE = b"MSH|^~\\&|ADT|HOSP|||2024||ADT^A01|M-1|P|2.5\rPID|1||77^^^MAIN^MR\r"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """The listener's process with its two ports."""

    def __init__(
        self,
        sqlite_url: str,
        redis_url: str,
        directory: Path,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.mllp, self.health = free_port(), free_port()
        self.log = directory / "feed.log"
        settings = {
            "WHERRY_DATABASE_URL": sqlite_url,
            "WHERRY_REDIS_URL": redis_url,
            "WHERRY_HL7_MLLP_PORT": str(self.mllp),
            "WHERRY_HL7_HEALTH_PORT": str(self.health),
            **more,
        }
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "wherry_hl7.feed_main"], env=settings, stderr=log
            )

    def get(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=5)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()


@pytest.fixture
def process(sqlite_url: str, redis_url: str, tmp_path: Path) -> Iterator[Process]:
    upgrade(sqlite_url)
    started = Process(sqlite_url, redis_url, tmp_path)
    wait_for(lambda: started.get("/readyz")[0] == 200)
    yield started
    started.child.kill()
    started.child.wait()


def test_a_message_is_in_the_database_before_its_answer(process: Process, sqlite_url: str) -> None:
    with MllpClient("127.0.0.1", process.mllp) as client:
        ack = client.send(MESSAGE)

    engine = make_engine(sqlite_url)
    bodies = [kept.body for kept in SqlInboxDesk(engine).search()]
    engine.dispose()
    assert bodies == [MESSAGE]
    assert b"\rMSA|AA|M-1\r" in ack


def test_the_health_pages_answer(process: Process) -> None:
    assert process.get("/healthz") == (200, b'{"status":"up"}')
    assert decode(process.get("/readyz")[1]) == {
        "status": "ready",
        "needs": {"inbox": "up", "queue": "up"},
    }
    assert b'wherry_hl7_mllp_connections{channel="mllp"} 0.0' in process.get("/metrics")[1]
    assert process.get("/healthz", "HEAD") == (200, b"")
    assert process.get("/other")[0] == 404
    assert process.get("/healthz", "POST")[0] == 405


def test_sigterm_ends_the_process_within_five_seconds(process: Process) -> None:
    with MllpClient("127.0.0.1", process.mllp) as client:
        client.send(MESSAGE)
        began_s = time.monotonic()

        process.child.send_signal(signal.SIGTERM)

        assert process.child.wait(5) == 0
    assert time.monotonic() - began_s < 5
    assert "mllp_stopped" in process.log.read_text()


def test_a_taken_port_ends_the_process_with_an_error(process: Process, tmp_path: Path) -> None:
    settings = {
        "WHERRY_HL7_MLLP_PORT": str(process.mllp),
        "WHERRY_DATABASE_URL": f"sqlite:///{tmp_path}/other.db",
    }
    second = subprocess.run(
        [sys.executable, "-m", "wherry_hl7.feed_main"],
        env=settings, capture_output=True, timeout=20, check=False,
    )  # fmt: skip

    assert second.returncode == 1
    assert "feed_not_started" in second.stderr.decode()
    assert str(process.mllp) in second.stderr.decode()


def test_several_listeners_and_profiles_are_served_by_one_process(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    ports = free_port(), free_port()
    (tmp_path / "senders").mkdir()
    (tmp_path / "senders" / "quiet.yaml").write_text(
        "match: {MSH-3: NOBODY}\nacknowledge: {unsupported: AA}\n"
    )
    (tmp_path / "listeners.yaml").write_text(
        f"listeners:\n  - {{channel: one, port: {ports[0]}}}\n"
        f"  - {{channel: two, port: {ports[1]}, sender: quiet, allow: [127.0.0.0/8]}}\n"
    )
    settings = {
        "WHERRY_HL7_LISTENERS": str(tmp_path / "listeners.yaml"),
        "WHERRY_HL7_SENDERS": str(tmp_path / "senders"),
    }
    started = Process(sqlite_url, redis_url, tmp_path, settings)
    try:
        wait_for(lambda: started.get("/readyz")[0] == 200)
        codes = []
        for port in ports:
            with MllpClient("127.0.0.1", port) as client:
                codes.append(answer(client.send(MESSAGE.replace(b"A01|", b"A99|")))[0])
        started.child.send_signal(signal.SIGTERM)
        assert started.child.wait(5) == 0
    finally:
        started.child.kill()
        started.child.wait()

    engine = make_engine(sqlite_url)
    channels = [(kept.channel, kept.answer) for kept in SqlInboxDesk(engine).search()]
    engine.dispose()
    assert channels == [("one", "AR 201"), ("two", "AA")]
    assert codes == ["AR", "AA"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"WHERRY_HL7_MLLP_CERTIFICATE": "/nowhere.pem"},
        {"WHERRY_HL7_MLLP_ALLOW": "lab.example"},
        {"WHERRY_HL7_LISTENERS": "/nowhere.yaml"},
    ],
)
def test_settings_that_cannot_be_used_end_the_process_with_an_error(
    wrong: dict[str, str], tmp_path: Path
) -> None:
    settings = {
        "WHERRY_HL7_MLLP_PORT": "0",
        "WHERRY_HL7_HEALTH_PORT": "0",
        "WHERRY_DATABASE_URL": f"sqlite:///{tmp_path}/other.db",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "wherry_hl7.feed_main"],
        env=settings | wrong, capture_output=True, timeout=30, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "feed_not_started" in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


def test_a_new_certificate_is_shown_after_sighup_and_open_connections_go_on(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    old, new = Authority(tmp_path / "old", "OLD CA"), Authority(tmp_path / "new", "NEW CA")
    certificate, key = old.sign("listener")
    files = {"WHERRY_HL7_MLLP_CERTIFICATE": str(certificate), "WHERRY_HL7_MLLP_KEY": str(key)}
    started = Process(sqlite_url, redis_url, tmp_path, files)
    try:
        wait_for(lambda: started.get("/readyz")[0] == 200)
        with shown(started.mllp, old) as open_:
            for renewed, before in zip(new.sign("listener"), (certificate, key), strict=True):
                before.write_bytes(renewed.read_bytes())
            started.child.send_signal(signal.SIGHUP)
            wait_for(lambda: b"certificate_renewed" in started.log.read_bytes())

            with shown(started.mllp, new) as later:
                assert acknowledged(later)
            assert acknowledged(open_)

        certificate.write_bytes(b"no certificate")
        started.child.send_signal(signal.SIGHUP)
        wait_for(lambda: b"certificate_not_renewed" in started.log.read_bytes())
        with shown(started.mllp, new) as later:
            assert acknowledged(later)
    finally:
        started.child.kill()
        started.child.wait()


@contextmanager
def shown(port: int, ca: Authority) -> Iterator[ssl.SSLSocket]:
    """A connection to a listener whose certificate is of this CA."""
    context = ssl.create_default_context(cafile=str(ca.file))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        yield secure


def acknowledged(sock: ssl.SSLSocket) -> bool:
    sock.sendall(frame(MESSAGE))
    return b"MSA|AA|M-1" in sock.recv(65536)
