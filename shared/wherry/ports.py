"""What the shells need from the world, as Protocols; adapters and fakes keep these contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wherry.resource import Bundle, Resource, SearchParams


class State(StrEnum):
    """Where a kept message stands. Every message ends as DONE or ASIDE."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Reuse:
    """What becomes of a message whose control id stood for other bytes before.

    It is set aside for the reason `aside`. `answer` as of `Arrival`; empty repeats the earlier one.
    """

    aside: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came, ready to be kept.

    `keys` are opaque patient keys (hashes, never identifiers); messages that share one are worked
    on in arrival order. A merge has two. `aside` set means: kept for a person, not for a worker.
    `charset` is a Python codec that the carrier named; it goes before what the message says.
    `answer` is what its sender is told, such as AA, or AE 101 with the condition of table 0357.
    `reused` counts when its control id stood for other bytes before; None: that does not matter.
    """

    source: str
    body: bytes = field(repr=False)
    channel: str = ""
    sender: str = ""
    kind: str = ""
    control_id: str = ""
    keys: tuple[str, ...] = ()
    aside: str = ""
    charset: str = ""
    answer: str = ""
    reused: Reuse | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one arrival: kept as `id`, or known as `id` already when `repeated`.

    `answer` is what the sender is told: for a repeated one, what it was told at first. `reused`
    says that the control id stood for other bytes before.
    """

    id: int
    answer: str = ""
    repeated: bool = False
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """One message out of the inbox; `id` grows in arrival order. Purged: its body is gone."""

    id: int
    source: str
    body: bytes = field(repr=False)
    channel: str
    sender: str
    kind: str
    control_id: str
    received_at: datetime
    state: State
    attempts: int
    reason: str
    keys: tuple[str, ...] = ()
    charset: str = ""
    purged: bool = False
    answer: str = ""
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one message stands now, and why."""

    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages lent to one worker until the lease ends; `token` is the fence."""

    token: str
    messages: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one claimed message ended: DONE, WAITING (try again) or ASIDE with a reason.

    WAITING adds an attempt and holds the message, and all later ones that share a key with it,
    back for `delay_s`. `tried` is False when it is given back untouched, as when an earlier message
    of the same patient has to be tried again first: then the attempt does not count. `landed` says
    of one that is ASIDE that it was stored, but for a part: then nothing is wrong with its map.
    """

    id: int
    state: State
    reason: str = ""
    delay_s: float = 0.0
    tried: bool = True
    landed: bool = False


class Inbox(Protocol):
    """Messages as they came, kept before anyone is told that they arrived."""

    def keep(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Keep all in one commit, in order, and return their ids; now they survive a power cut.

        Raises: Failure(UNAVAILABLE) when nothing was kept.
        """
        ...

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Keep all in one commit, in order, but none that came before; one receipt for each.

        The same is what has the same source, channel, sender, control id and bytes; it is counted
        and not kept again. What was refused before and would not be now is new. Without a control
        id everything is new. Raises: Failure(UNAVAILABLE) when nothing was kept.
        """
        ...

    def standing(self, message_ids: Sequence[int]) -> Mapping[int, Standing]:
        """Where these messages stand; those that are not there are left out."""
        ...

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        """Lend up to `limit` messages, oldest first; None when nothing can be worked on now.

        A message is lent only when no earlier unfinished message shares a key with it, unless that
        one is in the same claim. Messages whose lease ended count as waiting again, attempts + 1.
        A sender of whom too many were set aside in a row is passed over, but for one message at a
        time, until one passes; its messages hold up no other sender's.
        A clock that is set back holds nothing longer than a lease, or than the longest back-off.
        """
        ...

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        """Renew the lease; False when the claim was taken over and nothing more may be written."""
        ...

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> int:
        """Record how messages of this claim ended; returns how many were still ours (the fence).

        When too many of a sender were set aside in a row, further ones wait in place of that.
        """
        ...

    def ping(self) -> None:
        """Return when the database answers. Raises: Failure(UNAVAILABLE)."""
        ...


PATIENCE = 10
"""A patient marked again and again is looked at after this many quiet times all the same."""


class Changes(Protocol):
    """Patients whose record changed and who are to be looked at again; many marks, one look."""

    def mark(self, patient_ids: Sequence[str]) -> None:
        """Note that these patients changed. Survives a crash."""
        ...

    def due(
        self, *, owner: str, limit: int, quiet_s: float, lease_s: float
    ) -> list[tuple[str, int]]:
        """Lend (patient id, mark number) pairs without a new mark for `quiet_s`, oldest first.

        A patient who never goes quiet, on a monitor say, is lent after `PATIENCE * quiet_s`.
        """
        ...

    def settle(self, looked_at: Sequence[tuple[str, int]]) -> None:
        """Forget patients whose mark number is still the one that was lent; free the others."""
        ...

    def put_off(self, lent: tuple[str, int], *, reason: str, pauses: Sequence[float]) -> bool:
        """Lend this patient again after a pause; after the last one keep them aside. True if so.

        `pauses` are seconds, one for each failed attempt in a row; `reason` names no patient. A
        patient who was marked in the meantime is never set aside, and whoever is aside is lent
        again once marked, but not before the last pause is over.
        """
        ...

    def waiting(self) -> int:
        """How many patients are still to be looked at; those set aside are not."""
        ...


@dataclass(frozen=True, slots=True)
class Aside:
    """A patient whom looking at failed too often: kept for a person, who may send them back."""

    patient_id: str
    reason: str
    attempts: int
    tried_at: datetime


class ChangesDesk(Protocol):
    """What an operator does with patients who changed."""

    def aside(self, *, after: str = "", limit: int = 100) -> list[Aside]:
        """Patients set aside, by id, from the first one above `after`."""
        ...

    def counts(self) -> Mapping[State, int]:
        """How many patients are WAITING and how many ASIDE."""
        ...

    def requeue(self, patient_ids: Sequence[str]) -> int:
        """Put patients who are aside back to waiting, attempts 0; returns how many."""
        ...


class Tally(Protocol):
    """How often senders use codes that a code table does not have; the codes are not kept."""

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count more, by sender and table. Raises: Failure(UNAVAILABLE)."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """All so far by sender and table, the most first. Raises: Failure(UNAVAILABLE)."""
        ...


class Queue(Protocol):
    """Tickets that wake workers. A hint only: losing one costs time, never data."""

    def ticket(self, name: str) -> None:
        """Wake a worker of this queue; tickets not yet picked up are not doubled.

        Raises: Failure(UNAVAILABLE) when the queue is away; callers go on, a sweep follows.
        """
        ...

    def ping(self) -> None:
        """Return when the queue answers. Raises: Failure(UNAVAILABLE)."""
        ...


class Fhir(Protocol):
    """A FHIR R4 server."""

    def read(self, type_: str, id_: str) -> Resource:
        """One resource. Raises: Failure(NOT_FOUND, GONE, UNAVAILABLE, UNCERTAIN)."""
        ...

    def search(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
        """Matches in server order, following next links on the same origin up to `limit`."""
        ...

    def send(self, bundle: Bundle) -> Bundle:
        """POST a batch or transaction and return the response Bundle.

        Raises: Failure: STALE (412), CONFLICT (409), UNPROCESSABLE (400, 422), UNAVAILABLE or
        UNCERTAIN.
        """
        ...

    def create(self, resource: Resource) -> str:
        """Create one resource and return its id."""
        ...

    def ping(self) -> None:
        """Return when the CapabilityStatement can be read. Raises: Failure(UNAVAILABLE)."""
        ...


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...
