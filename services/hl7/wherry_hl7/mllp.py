"""Station 1: bytes of one MLLP connection become blocks, and blocks become answers, in order."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import structlog

from wherry.hl7.ack import Error, build
from wherry.hl7.framing import Block, Broken, Deframer, Event, Oversize, Place, frame
from wherry_hl7.commit import GroupCommit
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.triage import Policy, Verdict, aside, triage

log = structlog.get_logger()

_MISSING_CR_S = 0.1  # an END without CR is the end if nothing follows it that soon
NOT_FRAMED = "not_framed"
FAULT = "fault: triage"
TOO_LARGE = "too_large: only the start was kept"

_NO_FRAME = Error("100", "MSH", "the bytes were not in an MLLP block")
_CRASHED = Error("207", "", "internal error; the message was kept for a person")
_TOO_LONG = Error("207", "MSH", "the message is longer than this receiver takes")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may ask of us."""

    max_message_bytes: int
    block_timeout_s: float
    stray_timeout_s: float
    max_unanswered: int
    max_pending_bytes: int


@dataclass(eq=False, slots=True)
class Feed:
    """What all connections of one listener share."""

    commit: GroupCommit
    metrics: FeedMetrics
    policy: Policy
    limits: Limits
    channel: str
    max_connections: int
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    connections: "set[Connection]" = field(default_factory=set)
    draining: bool = False
    full: bool = False  # somebody waits until less is pending

    def committed(self) -> None:
        """A commit ended: whoever waited for less to be pending may go on."""
        if self.full and self.commit.pending_bytes < self.limits.max_pending_bytes:
            self.full = False
            for connection in tuple(self.connections):
                connection.steady()


class Connection(asyncio.Protocol):
    """One sender. Kept, then answered: an acknowledgment is written only after the commit.

    Commits end in the order they were asked for, so answers leave in the order of arrival.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._limits = feed.limits
        self._deframer = Deframer(feed.limits.max_message_bytes)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._unanswered = 0
        self._ending = False
        self._reading = True
        self._peer_reads = True
        self._timer: asyncio.TimerHandle | None = None
        self._timed = (Place.OUTSIDE, -1)
        self._times: dict[Place, tuple[float, Callable[[], None] | None]] = {
            Place.OUTSIDE: (0.0, None),
            Place.INSIDE: (feed.limits.block_timeout_s, self._too_slow),
            Place.ENDING: (_MISSING_CR_S, self._paused),
            Place.STRAY: (feed.limits.stray_timeout_s, self._paused),
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        feed = self._feed
        if feed.draining or len(feed.connections) >= feed.max_connections:
            feed.metrics.dropped.labels("too_many_connections").inc()
            log.warning("mllp_connection_refused", open=len(feed.connections))
            self.abort()
            return
        feed.connections.add(self)
        feed.metrics.connections.set(len(feed.connections))
        _keep_alive(self._transport.get_extra_info("socket"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what was kept stays kept."""
        self._stop_timer()
        if self._inside:
            self._drop("closed_inside_block")
        self._ending = True
        self._feed.connections.discard(self)
        self._feed.metrics.connections.set(len(self._feed.connections))

    def eof_received(self) -> bool:
        """The sender will send no more: judge what is there, answer what is owed, then close."""
        self._take(self._deframer.flush())
        self._end()
        return True

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._ending:
            return
        self._feed.metrics.read_bytes.inc(len(data))
        self._take(self._deframer.feed(data))
        if self._feed.draining and not self._inside:
            self._end()
        self._watch()
        self.steady()

    def pause_writing(self) -> None:
        """The peer does not read its answers: take nothing more from it."""
        self._peer_reads = False
        self.steady()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self._peer_reads = True
        self.steady()

    def steady(self) -> None:
        """Stop or go on reading, by what is still unanswered here and uncommitted everywhere."""
        full = self._feed.commit.pending_bytes >= self._limits.max_pending_bytes
        self._feed.full = self._feed.full or full
        wanted = self._peer_reads and not full and self._unanswered < self._limits.max_unanswered
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
        channel = self._feed.channel
        if isinstance(event, Block):
            if event.payload.strip():  # an empty block is a keep-alive
                self._feed.metrics.blocks.inc()
                self._keep(event.payload, self._judge(event.payload))
        elif isinstance(event, Oversize):
            log.warning("mllp_message_too_large", size_bytes=event.size_bytes)
            kept = aside(event.head, TOO_LARGE, channel=channel)
            self._keep(event.head, Verdict((kept,), "AR", _TOO_LONG))
        elif isinstance(event, Broken):
            self._drop("broken_block", size_bytes=event.size_bytes)
        else:
            log.warning("mllp_bytes_not_framed", size_bytes=len(event.data))
            kept = aside(event.data, NOT_FRAMED, channel=channel)
            if event.block_follows:
                self._keep(event.data, Verdict((kept,), ""))
            else:
                self._keep(event.data, Verdict((kept,), "AR", _NO_FRAME))
                self._end()

    def _judge(self, payload: bytes) -> Verdict:
        """The verdict of triage; a bug in it must not make the sender send this for ever."""
        channel = self._feed.channel
        try:
            return triage(payload, channel=channel, policy=self._feed.policy)
        except Exception as error:  # the edge: kept for a person, and said
            log.error("triage_crashed", error=type(error).__name__)
            return Verdict((aside(payload, FAULT, channel=channel),), "AE", _CRASHED)

    def _keep(self, payload: bytes, verdict: Verdict) -> None:
        self._unanswered += 1
        began_s = self._loop.time()
        self._feed.commit.keep(
            verdict.arrivals, lambda kept: self._answer(kept, payload, verdict, began_s)
        )

    def _answer(self, kept: bool, payload: bytes, verdict: Verdict, began_s: float) -> None:
        """Station 3. Not kept means no answer: every engine sends again when the line closes."""
        self._unanswered -= 1
        feed = self._feed
        if not kept:
            if not self._transport.is_closing():
                feed.metrics.dropped.labels("not_kept").inc()
            self.abort()
            return
        if verdict.code and not self._transport.is_closing():
            answer = build(
                payload,
                verdict.code,
                at=feed.now(),
                id_=feed.new_id(),
                text=verdict.error.text if verdict.error else "",
                error=verdict.error,
            )
            self._transport.write(frame(answer))
            feed.metrics.answers.labels(verdict.code).inc()
            feed.metrics.seconds.observe(self._loop.time() - began_s)
        if self._ending and not self._unanswered:
            self._transport.close()
        else:
            self.steady()

    def _end(self) -> None:
        """Take nothing more; close once every answer that is owed has been written."""
        self._ending = True
        self._stop_timer()
        if not self._unanswered:
            self._transport.close()

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
        self._feed.metrics.dropped.labels(reason).inc()


def _keep_alive(sock: socket.socket | None) -> None:
    if sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
