"""The verdict on a block and what became of its messages become the blocks that go back."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wherry.hl7 import ack, ack_mode
from wherry.hl7.ack import Error
from wherry.hl7.head import Head
from wherry.ports import Receipt, Standing, State
from wherry.repeats import USED_AGAIN
from wherry_hl7.triage import Judged, Verdict, answer_of

Make = Callable[[Head, str, Error | None], bytes]
"""Makes an acknowledgment with this code of the message with this MSH."""
Wrap = Callable[[bytes, Sequence[bytes], Sequence[str]], bytes]
"""Makes the batch around acknowledgments: of this BHS or FHS, with these remarks."""

_PLACE = re.compile(r" at ([A-Z][A-Z0-9]{2}(?:-\d+)?):")
_NOT_STORED = "it could not be stored as FHIR; it was kept for a person"
_USED = Error("205", "MSH-10", "this control id was used before for another message")


@dataclass(frozen=True, slots=True)
class _Owed:
    """What one message is still answered."""

    head: Head
    judged: Judged
    id: int
    code: str
    error: Error | None
    waits: bool


class Reply:
    """The answer to one block: what is said when it is kept, and what once it is stored."""

    def __init__(
        self, verdict: Verdict, receipts: Sequence[Receipt], *, make: Make, wrap: Wrap
    ) -> None:
        self._verdict = verdict
        self._make = make
        self._wrap = wrap
        pairs = zip(verdict.messages, receipts, strict=True)
        self._owed = [_owed(judged, receipt) for judged, receipt in pairs]
        each = bool(self._owed) and self._owed[0].judged.policy.batch == "each"
        self._together = bool(verdict.header) or len(self._owed) > 1
        self._together = self._together and not each
        self.waits_for = tuple(one.id for one in self._owed if one.waits)

    def when_kept(self) -> list[bytes]:
        """The blocks to send as soon as the messages are safe."""
        if self._together:
            return [] if self.waits_for else self._in_one({})
        return [one for owed in self._owed for one in self._first(owed)]

    def when_stored(self, standings: Mapping[int, Standing]) -> list[bytes]:
        """The blocks to send once all that was waited for is done or set aside."""
        if self._together:
            return self._in_one(standings)
        return [one for owed in self._owed for one in self._second(owed, standings)]

    def _in_one(self, standings: Mapping[int, Standing]) -> list[bytes]:
        acks = [
            one
            for owed in self._owed
            for one in (*self._first(owed), *self._second(owed, standings))
        ]
        if self._verdict.header:
            return [self._wrap(self._verdict.header, acks, self._verdict.remarks)]
        return [b"".join(acks)] if acks else []

    def _first(self, owed: _Owed) -> list[bytes]:
        levels = ack_mode.levels(owed.head, owed.code)
        said = (levels.accept, "" if owed.waits else levels.application)
        return [self._make(owed.head, code, _with(code, owed.error)) for code in said if code]

    def _second(self, owed: _Owed, standings: Mapping[int, Standing]) -> list[bytes]:
        if not owed.waits:
            return []
        before = ack_mode.levels(owed.head, owed.code).accept
        code, error = _stored(owed, standings[owed.id])
        levels = ack_mode.levels(owed.head, code)
        said = levels.application or ("" if before else levels.accept)
        return [self._make(owed.head, said, error)] if said else []


def _owed(judged: Judged, receipt: Receipt) -> _Owed:
    head = judged.head or ack.head_of(judged.arrival.body)
    code, error = _as_at_first(judged, receipt)
    waits = judged.policy.on == "stored" and code == "AA" and not judged.arrival.aside
    if waits and receipt.reused and judged.arrival.reused:
        waits = False  # it is aside by its sender's rules
    if waits:
        ends = (ack_mode.levels(head, end).application for end in ("AA", "AE"))
        waits = any(ends)
    return _Owed(head, judged, receipt.id, code, error, waits)


def _as_at_first(judged: Judged, receipt: Receipt) -> tuple[str, Error | None]:
    """Code and error: the same message gets the same answer, whatever the rules are now."""
    now = answer_of(judged.code, judged.error)
    if not judged.code or not receipt.answer or receipt.answer == now:
        return judged.code, judged.error
    code, _, condition = receipt.answer.partition(" ")
    if receipt.answer == USED_AGAIN:
        return code, _USED
    return code, Error(condition, "", "as this message was answered before") if condition else None


def _stored(owed: _Owed, standing: Standing) -> tuple[str, Error | None]:
    """What the worker made of it; the reason itself stays here, its place is told."""
    if standing.state is State.DONE or owed.judged.policy.content_ack == "AA":
        return "AA", None
    place = _PLACE.search(standing.reason)
    return "AE", Error("207", place[1] if place else "", _NOT_STORED)


def _with(code: str, error: Error | None) -> Error | None:
    return None if code in {"AA", "CA"} else error
