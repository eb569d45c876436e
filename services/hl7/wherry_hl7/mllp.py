"""Station 1: bytes of one MLLP connection become blocks, and blocks become answers, in order."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import structlog

from wherry.hl7.ack import Error
from wherry.hl7.framing import Block, Broken, Deframer, Event, Oversize, Place, frame
from wherry.networks import lets_in
from wherry_hl7.feed import Feed
from wherry_hl7.intake import COMMITTED, NOT_COMMITTED, Intake, Line

log = structlog.get_logger()

_MISSING_CR_S = 0.1  # an END without CR is the end if nothing follows it that soon
NOT_FRAMED = "not_framed"
TOO_LARGE = "too_large: only the start was kept"

_NO_FRAME = Error("100", "MSH", "the bytes were not in an MLLP block")
_TOO_LONG = Error("207", "MSH", "the message is longer than this receiver takes")


class Connection(asyncio.Protocol):
    """One sender: its bytes, its time limits, and how much it may have unanswered or unread."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._limits = limits = feed.shared.limits
        self._deframer = Deframer(limits.max_message_bytes)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._intake = Intake(feed, Line(self._write, self._answered, self._give_up))
        self._ending = False
        self._reading = True
        self._peer_reads = True
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._timed = (Place.OUTSIDE, -1)
        self._times: dict[Place, tuple[float, Callable[[], None] | None]] = {
            Place.OUTSIDE: (0.0, None),
            Place.INSIDE: (limits.block_timeout_s, self._too_slow),
            Place.ENDING: (_MISSING_CR_S, self._paused),
            Place.STRAY: (limits.stray_timeout_s, self._paused),
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection unless its sender is not let in or there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        feed = self._feed
        peer = transport.get_extra_info("peername") or ("",)
        if not lets_in(feed.allow, str(peer[0])):
            self._refuse("not_allowed")
            return
        if feed.draining or len(feed.connections) >= feed.max_connections:
            self._refuse("too_many_connections")
            return
        feed.connections.add(self)
        self._count_connections(1)
        _keep_alive(self._transport.get_extra_info("socket"), self._limits.keepalive_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what was kept stays kept."""
        self._stop_timer()
        self._stop_unread()
        if self._inside:
            self._drop("closed_inside_block")
        self._ending = True
        if self in self._feed.connections:
            self._feed.connections.discard(self)
            self._count_connections(-1)

    def eof_received(self) -> bool:
        """The sender will send no more: judge what is there, answer what is owed, then close."""
        self._take(self._deframer.flush())
        self._end()
        return self._transport.get_extra_info("ssl_object") is None  # TLS has no half-closed lines

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._ending:
            return
        self._feed.shared.metrics.read_bytes.inc(len(data))
        self._take(self._deframer.feed(data))
        if self._feed.draining and not self._inside:
            self._end()
        self._watch()
        self.steady()

    def pause_writing(self) -> None:
        """The peer does not read its answers: take nothing more from it, and not for ever."""
        self._peer_reads = False
        self._watch_unread()
        self.steady()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self._peer_reads = True
        self._stop_unread()
        self.steady()

    def steady(self) -> None:
        """Stop or go on reading, by what is still unanswered here and uncommitted everywhere."""
        full = self._feed.crowded
        self._feed.full = self._feed.full or full
        wanted = self._peer_reads and not full and len(self._intake) < self._limits.max_unanswered
        if self._transport.is_closing() or wanted == self._reading:
            return
        self._reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def drain(self) -> None:
        """The listener is to stop: finish the block in hand and its answer, then close."""
        self._take(self._deframer.flush())
        if not self._inside:
            self._end()

    def abort(self) -> None:
        """Close now, without answers: the sender will send again."""
        self._ending = True
        self._transport.abort()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if self._ending:
                return
            self._take_one(event)

    def _take_one(self, event: Event) -> None:
        if isinstance(event, Block):
            if event.payload.strip() and not self._is_commit_ack(event.payload):
                self._intake.take(event.payload)  # an empty block is a keep-alive
        elif isinstance(event, Oversize):
            log.warning("mllp_message_too_large", size_bytes=event.size_bytes)
            self._intake.put_aside(event.head, TOO_LARGE, _TOO_LONG)
        elif isinstance(event, Broken):
            self._drop("broken_block", size_bytes=event.size_bytes)
        else:
            log.warning("mllp_bytes_not_framed", size_bytes=len(event.data))
            self._intake.put_aside(
                event.data, NOT_FRAMED, None if event.block_follows else _NO_FRAME
            )
            if not event.block_follows:
                self._end()

    def _is_commit_ack(self, payload: bytes) -> bool:
        """Whether the peer only says that it has our answer (MLLP release 2)."""
        return self._feed.commit_ack and payload in {COMMITTED, NOT_COMMITTED}

    def _answered(self) -> None:
        if self._ending and not len(self._intake):
            self._close()
        else:
            self.steady()

    def _give_up(self, reason: str) -> None:
        if not self._transport.is_closing():
            self._feed.shared.metrics.dropped.labels(reason).inc()
        self.abort()

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frame(answer))

    def _end(self) -> None:
        """Take nothing more; close once every answer that is owed has been written."""
        self._ending = True
        self._stop_timer()
        if not len(self._intake):
            self._close()

    def _close(self) -> None:
        self._transport.close()
        self._watch_unread()  # what is written may still lie here

    def _watch_unread(self) -> None:
        if self._unread is None:
            after_s = self._limits.write_timeout_s
            self._unread = self._loop.call_later(after_s, self._never_read)

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _never_read(self) -> None:
        self._drop("answers_not_read")
        self.abort()

    def _watch(self) -> None:
        """Keep the one timer that fits where the stream stands; it runs from when it came there."""
        stands = (self._deframer.place, self._deframer.finished)
        if self._ending or stands == self._timed:
            return
        self._stop_timer()
        self._timed = stands
        after_s, then = self._times[stands[0]]
        if then is not None:
            self._timer = self._loop.call_later(after_s, then)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timed = (Place.OUTSIDE, -1)

    def _paused(self) -> None:
        self._stop_timer()
        self._take(self._deframer.flush())

    def _too_slow(self) -> None:
        self._drop("block_timeout")
        self._deframer = Deframer(self._limits.max_message_bytes)
        self._end()

    @property
    def _inside(self) -> bool:
        return self._deframer.place is Place.INSIDE

    def _drop(self, reason: str, **facts: int) -> None:
        log.warning("mllp_block_dropped", reason=reason, **facts)
        self._feed.shared.metrics.dropped.labels(reason).inc()

    def _refuse(self, reason: str) -> None:
        self._feed.shared.metrics.dropped.labels(reason).inc()
        log.warning("mllp_connection_refused", reason=reason, open=len(self._feed.connections))
        self.abort()

    def _count_connections(self, by: int) -> None:
        self._feed.shared.metrics.connections.labels(self._feed.channel).inc(by)


def _keep_alive(sock: socket.socket | None, idle_s: int) -> None:
    """Ask after silence whether the sender is still there; a dead one is given up."""
    if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_NODELAY", 1),
        ("TCP_KEEPIDLE", idle_s),
        ("TCP_KEEPINTVL", max(1, idle_s // 4)),
        ("TCP_KEEPCNT", 4),
        ("TCP_USER_TIMEOUT", idle_s * 2000),
    ):
        if (option := getattr(socket, name, None)) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
