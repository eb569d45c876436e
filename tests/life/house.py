"""The processes of the suite, started one by one as a test needs them."""

import socket
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from redis import Redis

from wherry.suite.addresses import PORTS, Addresses, free_port, is_taken
from wherry.suite.child import Child
from wherry.suite.processes import Process, Suite, table
from wherry.suite.readiness import is_ready

T = TypeVar("T")
TOKEN = "synthetic-token-of-the-life-test"
PATIENCE_S = 60.0


def wait_for(look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE_S
    while (found := look()) is None:
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


def free_offset() -> int:
    """A port offset under which nobody listens; two runs at a time hardly find the same one.

    All ports stay below 32768, from where on systems number outgoing connections.
    """
    for _ in range(100):
        offset = free_port() % 14_000 + 10_000
        if not any(is_taken(port + offset) for port in PORTS.values()):
            return offset
    raise AssertionError("no free ports on this machine")


class House:
    """One suite's rooms; `enter` opens them, `close` closes them all.

    Databases are SQLite files of its own unless addresses are given. `settings` are laid over those
    of every process.
    """

    def __init__(
        self,
        directory: Path,
        redis_url: str,
        *,
        database_url: str = "",
        ehr_database_url: str = "",
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.at = Addresses(free_offset())
        self.database_url = database_url or f"sqlite:///{directory}/wherry.db"
        self._directory = directory
        self._children: list[Child] = []
        suite = Suite(
            addresses=self.at,
            database_url=self.database_url,
            ehr_database_url=ehr_database_url or f"sqlite:///{directory}/ehr.db",
            redis_url=redis_url,
            fhir_token=TOKEN,
        )
        self._rooms = {
            process.name: replace(process, env={**process.env, **settings})
            for process in table(suite)
        }

    def equip(self, name: str, settings: Mapping[str, str]) -> None:
        """Give one process more settings; they hold from its next start."""
        room = self._rooms[name]
        self._rooms[name] = replace(room, env={**room.env, **settings})

    def enter(self, *names: str) -> None:
        """Start these processes and wait until each is ready; those that end are waited for."""
        opened = [self._open(self._rooms[name]) for name in names]
        for child in opened:
            self._wait(child)

    def close(self) -> None:
        """Stop everything that was started."""
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            if child.popen is not None:
                child.popen.wait(timeout=10)
            child.clear()

    def _open(self, process: Process) -> Child:
        child = Child(process)
        with (self._directory / f"{process.name}.log").open("ab") as log:
            child.launch(log, time.monotonic())
        self._children.append(child)
        return child

    def _wait(self, child: Child) -> None:
        process = child.process
        if process.once:
            wait_for(child.exit_code)
            assert child.exit_code() == 0, f"{process.name} failed"
        elif process.ready:
            wait_for(lambda: is_ready(process.ready) or None)


def connect(port: int) -> socket.socket:
    """A plain TCP connection, as an interface engine opens it."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def everything_in(redis: "Redis") -> bytes:
    """All keys and values, those that RQ had compressed as plain text."""
    seen: list[Any] = []
    for key in redis.scan_iter():
        seen.append(key)
        kind = redis.type(key)
        if kind == b"string":
            seen.append(redis.get(key) or b"")
        elif kind == b"hash":
            seen += [part for pair in redis.hgetall(key).items() for part in pair]
        elif kind == b"list":
            seen += redis.lrange(key, 0, -1)
        elif kind == b"set":
            seen += redis.smembers(key)
        elif kind == b"zset":
            seen += redis.zrange(key, 0, -1)
    return b" ".join(_plain(value) for value in seen)


def _plain(value: bytes) -> bytes:
    return zlib.decompress(value) if value.startswith(b"\x78\x9c") else value
