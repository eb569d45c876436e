"""What the connections of one listener share, and what each of them may ask of us."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from wherry.hl7 import ack, batch_ack
from wherry.hl7.ack import Error
from wherry.hl7.head import Head
from wherry.networks import Network
from wherry.ports import Receipt
from wherry_hl7.answering import Reply
from wherry_hl7.commit import GroupCommit
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.senders import Senders
from wherry_hl7.settlements import Settlements
from wherry_hl7.triage import Policy, Verdict

if TYPE_CHECKING:
    from wherry_hl7.mllp import Connection


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may ask of us."""

    max_message_bytes: int
    block_timeout_s: float
    stray_timeout_s: float
    write_timeout_s: float
    keepalive_s: int
    max_unanswered: int
    max_pending_bytes: int


@dataclass(frozen=True, slots=True)
class Shared:
    """What all listeners of the process share: one commit at a time serves them all."""

    commit: GroupCommit
    settlements: Settlements
    translating: Executor
    metrics: FeedMetrics
    policy: Policy
    senders: Senders
    limits: Limits
    now: Callable[[], datetime]
    new_id: Callable[[], str]


@dataclass(eq=False, slots=True)
class Feed:
    """One listener and its connections."""

    shared: Shared
    channel: str
    max_connections: int
    allow: tuple[Network, ...] = ()
    commit_ack: bool = False
    connections: "set[Connection]" = field(default_factory=set)
    draining: bool = False
    full: bool = False  # somebody waits until less is pending

    @property
    def crowded(self) -> bool:
        """Whether more is waiting to be committed than memory is meant to hold."""
        return self.shared.commit.pending_bytes >= self.shared.limits.max_pending_bytes

    def committed(self) -> None:
        """A commit ended: whoever waited for less to be pending may go on."""
        if self.full and not self.crowded:
            self.full = False
            for connection in tuple(self.connections):
                connection.steady()

    def reply(self, verdict: Verdict, receipts: Sequence[Receipt]) -> Reply:
        """The answer to a block that is kept; it counts what it says."""
        for judged, receipt in zip(verdict.messages, receipts, strict=True):
            if receipt.repeated:
                self.shared.metrics.came_again(ack.head_of(judged.arrival.body))
        return Reply(verdict, receipts, make=self._ack, wrap=self._batch)

    def _ack(self, head: Head, code: str, error: Error | None) -> bytes:
        self.shared.metrics.answered(head, code)
        text = error.text if error else ""
        at, id_ = self.shared.now(), self.shared.new_id()
        return ack.of(head, code, at=at, id_=id_, text=text, error=error)

    def _batch(self, header: bytes, acks: Sequence[bytes], remarks: Sequence[str]) -> bytes:
        at, id_ = self.shared.now(), self.shared.new_id()
        return batch_ack.build(header, acks, at=at, id_=id_, remarks=remarks)
