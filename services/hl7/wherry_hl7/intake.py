"""Blocks of one connection become kept messages and then answers, in the order of arrival."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from wherry.hl7.ack import Error
from wherry.ports import Arrival, Receipt, Standing
from wherry_hl7.answering import Reply
from wherry_hl7.converting import converted, waits_for_it
from wherry_hl7.feed import Feed
from wherry_hl7.triage import Judged, Verdict, aside, triage
from wherry_hl7.turns import Turn, Turns

log = structlog.get_logger()

FAULT = "fault: triage"
CRASHED = Error("207", "", "internal error; the message was kept for a person")
# Source: HL7 MLLP release 2, commit acknowledgment and negative commit acknowledgment
COMMITTED, NOT_COMMITTED = b"\x06", b"\x15"


@dataclass(frozen=True, slots=True)
class Line:
    """What an intake does to its connection.

    `say` sends a block; `answered` hears that less is owed; `give_up` closes at once without what
    is owed, because of the reason: the sender will send again.
    """

    say: Callable[[bytes], None]
    answered: Callable[[], None]
    give_up: Callable[[str], None]


class Intake:
    """Kept, then answered: an acknowledgment is written only after the commit.

    Commits end in the order they were asked for; an answer that waits for more than the commit
    holds back those behind it.
    """

    def __init__(self, feed: Feed, line: Line) -> None:
        self._feed = feed
        self._shared = feed.shared
        self._line = line
        self._turns = Turns(line.say)
        self._translating = 0
        self._given_up = False

    def __len__(self) -> int:
        """How many blocks are still to be answered."""
        return len(self._turns)

    def take(self, payload: bytes) -> None:
        """Judge a block, keep what is in it, answer."""
        self._shared.metrics.blocks.inc()
        self.keep(self._judge(payload))

    def put_aside(self, body: bytes, reason: str, error: Error | None) -> None:
        """Keep for a person what is no message; refuse it when there is an error to tell."""
        kept = aside(body, reason, channel=self._feed.channel)
        self.keep(_one(kept, error, "AR" if error else ""))

    def keep(self, verdict: Verdict) -> None:
        """Keep at once; behind a translation that a sender waits for, so that order is kept."""
        turn, began_s = self._turns.take(), asyncio.get_running_loop().time()
        if not self._translating and not waits_for_it(verdict):
            self._keep(turn, verdict, began_s)
            return
        self._translating += 1
        future = asyncio.get_running_loop().run_in_executor(
            self._shared.translating,
            lambda: converted(verdict, received_at=self._shared.now()),
        )
        future.add_done_callback(lambda done: self._translated(turn, done.result(), began_s))

    def _translated(self, turn: Turn, verdict: Verdict, began_s: float) -> None:
        self._translating -= 1
        if not self._given_up:  # else one before it was not kept, and both are sent again
            self._keep(turn, verdict, began_s)

    def _judge(self, payload: bytes) -> Verdict:
        """The verdict of triage; a bug in it must not make the sender send this for ever."""
        channel, shared = self._feed.channel, self._shared
        try:
            verdict = triage(payload, channel=channel, policy=shared.policy, senders=shared.senders)
        except Exception as error:  # the edge: kept for a person, and said
            log.error("triage_crashed", error=type(error).__name__)
            return _one(aside(payload, FAULT, channel=channel), CRASHED, "AE")
        for remark in verdict.remarks:
            log.warning("batch_miscounted", channel=channel, remark=remark)
        return verdict

    def _keep(self, turn: Turn, verdict: Verdict, began_s: float) -> None:
        """Station 2: everything, whatever the verdict."""

        def done(receipts: Sequence[Receipt] | None) -> None:
            if receipts is None:
                if self._feed.commit_ack:
                    self._line.say(NOT_COMMITTED)
                self._given_up = True
                self._line.give_up("not_kept")
                return
            for one in receipts:
                if one.reused and not one.repeated:
                    log.warning("control_id_used_again", message_id=one.id)
            self._answer(turn, self._feed.reply(verdict, receipts), began_s)

        self._shared.commit.keep(verdict.arrivals, done)

    def _answer(self, turn: Turn, reply: Reply, began_s: float) -> None:
        """Station 3: what may be said now that the messages are safe, in the order of arrival."""
        said = [COMMITTED] if self._feed.commit_ack else []
        said += reply.when_kept()
        if not reply.waits_for:
            self._shared.metrics.seconds.observe(asyncio.get_running_loop().time() - began_s)
            self._say(turn, said, last=True)
            return
        self._say(turn, said, last=False)

        def then(standings: Mapping[int, Standing] | None) -> None:
            if standings is None:
                self._line.give_up("not_stored_in_time")
            else:
                self._say(turn, reply.when_stored(standings), last=True)

        self._shared.settlements.wait(reply.waits_for, then)

    def _say(self, turn: Turn, answers: Sequence[bytes], *, last: bool) -> None:
        self._turns.say(turn, answers, last=last)
        self._line.answered()


def _one(kept: Arrival, error: Error | None, code: str) -> Verdict:
    return Verdict((Judged(kept, code, error),))
