"""What an operator may ask of the inbox and do with it; every deed leaves an audit row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wherry.braking import Brake
from wherry.ports import Kept, State


class What(StrEnum):
    """What an operator did."""

    REVEAL = "reveal"
    REPLAY = "replay"
    HANDLE = "handle"
    PURGE = "purge"
    REKEY = "rekey"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Deed:
    """One audit row; `message_id` is 0 when it was not about one message."""

    id: int
    at: datetime
    who: str
    what: What
    message_id: int
    note: str


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How the feed of one sender stands.

    `per_minute` is over the last ten minutes. `lag_s` is how long the message that ended last had
    been here, `oldest_waiting_s` the age of the oldest one that has not ended. `done` and
    `aside_so_far` count endings, a replayed message again; `aside` are those that lie aside now.
    `brake` is there while it is on; what it holds back is in `waiting`.
    """

    source: str
    sender: str
    received: int
    first_at: datetime
    last_at: datetime
    last_id: int
    per_minute: float
    waiting: int
    oldest_waiting_s: float
    aside: int
    done: int = 0
    aside_so_far: int = 0
    ended_at: datetime | None = None
    lag_s: float = 0.0
    brake: Brake | None = None


class InboxDesk(Protocol):
    """What an operator does with the inbox."""

    def get(self, message_id: int) -> Kept:
        """One message with its bytes. Raises: Failure(NOT_FOUND)."""
        ...

    def search(
        self,
        *,
        state: State | None = None,
        sender: str = "",
        reason: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Kept]:
        """Messages by state, sender, reason (prefix) and time, oldest first, ids above `after`."""
        ...

    def counts(self) -> Mapping[tuple[str, State], int]:
        """How many messages per (source, state)."""
        ...

    def oldest_waiting_s(self, source: str = "") -> float:
        """Age in seconds of the oldest unfinished message, of one source or all; 0 without any."""
        ...

    def replay(self, message_ids: Sequence[int], *, who: str = "wherry") -> int:
        """Put messages that are done or aside back to waiting, attempts 0; returns how many.

        What was purged stays as it is. Each one leaves an audit row of `who`.
        """
        ...


class Desk(InboxDesk, Protocol):
    """The inbox as operators see it."""

    def reveal(self, message_id: int, *, who: str, note: str = "") -> Kept:
        """One message with its bytes, once the audit row is safe. Raises: Failure(NOT_FOUND)."""
        ...

    def handle(self, message_ids: Sequence[int], *, who: str, note: str) -> int:
        """Messages that are aside become done, because a person saw to them; returns how many.

        Raises: Failure(INVALID) without a note.
        """
        ...

    def release(self, sender: str, *, who: str, source: str = "", note: str = "") -> int:
        """Take the brake of a sender off, in one source or all; returns how many were on.

        What waited goes on in order. Leaves an audit row of `who` that names the sender.
        """
        ...

    def audit(self, *, message_id: int = 0, after: int = 0, limit: int = 100) -> list[Deed]:
        """What was done, oldest first; of one message or of all."""
        ...

    def standings(self) -> list[FeedStatus]:
        """How each sender's feed stands, who sent last first."""
        ...

    def asides(self) -> Mapping[tuple[str, str, str], int]:
        """How many messages lie aside by source, sender and class of reason, the most first."""
        ...


def reason_class(reason: str) -> str:
    """What goes before the first colon of a reason: few values, whatever the messages say."""
    return reason.partition(":")[0].partition(" at ")[0]
