"""Brakes of senders in memory; what waits behind one goes on at once when it is off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from wherry.braking import FREE, Brake, Braking, Ended, Stage, weigh
from wherry.ports import Kept, Outcome, State

At = tuple[str, str]
"""Source and sender."""


class FakeBrakes:
    """One brake for each sender that fails."""

    def __init__(self, braking: Braking) -> None:
        self._braking = braking
        self._brakes: dict[At, Brake] = {}

    def of(self, at: At) -> Brake:
        """The brake of one sender."""
        return self._brakes.get(at, FREE)

    def passes(self, kept: Kept, now: datetime) -> bool:
        """Whether this message may be lent; it may become the one that is tried."""
        at = kept.source, kept.sender
        if self.of(at).wants_probe(now.timestamp()):
            self._brakes[at] = replace(self.of(at), probe_id=kept.id)
        return self.of(at).passes(kept.id)

    def note(self, ended: Sequence[tuple[Kept, Outcome]], now: datetime) -> frozenset[int]:
        """Count what ended; returns what waits and is not set aside."""
        by_sender: dict[At, list[Ended]] = {}
        for kept, how in ended:
            if how.state in (State.DONE, State.ASIDE):
                failed = how.state is State.ASIDE and not how.landed
                some = by_sender.setdefault((kept.source, kept.sender), [])
                some.append(Ended(how.id, failed, how.reason))
        held: frozenset[int] = frozenset()
        for at, some in by_sender.items():
            after, waiting = weigh(self.of(at), some, self._braking, now.timestamp())
            self._brakes[at] = FREE if after.stage is Stage.EASING else after
            held |= waiting
        return held

    def release(self, sender: str, source: str) -> int:
        """Take the brakes of this sender off; returns how many were on."""
        on = [
            at
            for at, brake in self._brakes.items()
            if at[1] == sender and source in ("", at[0]) and brake.stage is Stage.ON
        ]
        for at in on:
            del self._brakes[at]
        return len(on)
