"""A real MLLP listener on a loopback port, its event loop in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TypeVar

import uvloop

from wherry.hl7.framing import Block, Deframer
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import Arrival, Claim, Outcome, Receipt, Standing
from wherry.testing.inbox import FakeInbox
from wherry_hl7.deps import Deps
from wherry_hl7.feed import Feed
from wherry_hl7.feed_main import make_feeds, threads
from wherry_hl7.listener import Listener
from wherry_hl7.listeners import listeners
from wherry_hl7.settings import Settings
from wherry_hl7.tls import server_context

T = TypeVar("T")

AT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


class StandingClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return AT


class Running:
    """One listener: its port, its metrics, and clients that are closed with it."""

    def __init__(self, deps: Deps, settings: Settings) -> None:
        self.registry = deps.registry
        self._clients: list[MllpClient | socket.socket] = []
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._stack = ExitStack()
        self._threads = self._stack.enter_context(threads())
        self._thread.start()
        self.feed, self._listener, self.port = self._call(self._start(deps, settings))

    def client(self, timeout_s: float = 5.0) -> MllpClient:
        """A new MLLP connection."""
        made = MllpClient("127.0.0.1", self.port, timeout_s=timeout_s)
        self._clients.append(made)
        return made

    def raw(self) -> socket.socket:
        """A new TCP connection."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=5.0)
        self._clients.append(made)
        return made

    def drain(self, grace_s: float = 3.0) -> None:
        """Stop as on SIGTERM."""
        self._call(self._listener.stop(grace_s))

    def metric(self, name: str, **labels: str) -> float:
        """The value of a metric, of all that have these labels; 0 when nothing was counted."""
        return sum(
            sample.value
            for family in self.registry.collect()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def close(self) -> None:
        """Cut everybody off."""
        for client in self._clients:
            client.close()
        self.drain(0.0)
        self._stack.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, deps: Deps, settings: Settings) -> tuple[Feed, Listener, int]:
        [one] = listeners(settings)
        [feed] = make_feeds(deps, settings, [one], self._threads)
        listener = Listener(feed)
        tls = server_context(one.certificate, one.key, one.client_ca)
        return feed, listener, await listener.start("127.0.0.1", 0, tls)

    def _call(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


Listen = Callable[..., Running]


def wait_for(condition: Callable[[], bool]) -> None:
    """Until another thread has come as far as the test needs it."""
    never = threading.Event()
    for _ in range(3000):
        if condition():
            return
        never.wait(0.01)
    raise AssertionError("it did not happen within 30 s")


def adt(id_: str = "1", event: str = "A01", body: str = "PID|1||77^^^MAIN^MR") -> bytes:
    return f"MSH|^~\\&|ADT|HOSP|||2024||ADT^{event}|{id_}|P|2.5\r{body}\r".encode()


def answer(ack: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2."""
    fields = ack.decode().split("\r")[1].split("|")
    return fields[1], fields[2]


def read_all(sock: socket.socket) -> list[bytes]:
    """Every block until the peer closes."""
    deframer, blocks = Deframer(), []
    while data := _some(sock):
        blocks += [event.payload for event in deframer.feed(data) if isinstance(event, Block)]
    return blocks


def _some(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except ConnectionResetError:
        return b""


def kept(inbox: FakeInbox) -> list[tuple[str, str, str, str]]:
    return [(m.control_id, m.kind, m.sender, m.reason) for m in inbox.search()]


class Gate:
    """An inbox that keeps only when the test lets it."""

    def __init__(self, inbox: FakeInbox) -> None:
        self._inbox = inbox
        self.entered, self.opened = threading.Semaphore(0), threading.Semaphore(0)
        self.groups: list[int] = []

    def keep(self, arrivals: Sequence[Arrival]) -> list[int]:
        raise NotImplementedError

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        self.entered.release()
        assert self.opened.acquire(timeout=5)
        self.groups.append(len(arrivals))
        return self._inbox.receive(arrivals)

    def standing(self, message_ids: Sequence[int]) -> Mapping[int, Standing]:
        return self._inbox.standing(message_ids)

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        raise NotImplementedError

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        raise NotImplementedError

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> int:
        raise NotImplementedError

    def ping(self) -> None:
        self._inbox.ping()
