"""An inbox in memory that keeps the contract of the SQL one; its time stands until moved."""

import itertools
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wherry import repeats
from wherry.braking import Braking
from wherry.desk import Deed, FeedStatus, What, reason_class
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Claim, Kept, Outcome, Receipt, Standing, State
from wherry.repeats import Before
from wherry.testing.brakes import FakeBrakes
from wherry.testing.held import Row, bring_near
from wherry.testing.standing import Endings, standing

_START = datetime(2026, 1, 1, tzinfo=UTC)
_UNFINISHED = (State.WAITING, State.CLAIMED)


class FakeInbox:
    """Both ports, `Inbox` and `Desk`. Move `time_s` by hand; set `away` to make it fail."""

    def __init__(self, braking: Braking = Braking()) -> None:  # noqa: B008 - frozen
        self.time_s = 0.0
        self.away = False
        self.deeds: list[Deed] = []
        self._rows: dict[int, Row] = {}
        self._brakes = FakeBrakes(braking)
        self._ended: dict[tuple[str, str], Endings] = {}
        self._named: dict[tuple[str, str, str, str], list[Kept]] = {}
        self._tokens = itertools.count(1)
        self._lock = threading.Lock()

    def keep(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Keep all in order and return their ids."""
        self.ping()
        with self._lock:
            return [self._keep(arrival) for arrival in arrivals]

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Keep all in order, but none that came before; one receipt for each."""
        self.ping()
        with self._lock:
            ids = range(len(self._rows) + 1, len(self._rows) + len(arrivals) + 1)
            sorting = repeats.sort(arrivals, [self._before(one) for one in arrivals], ids)
            for arrival in sorting.new.values():
                self._keep(arrival)
            for id_ in sorting.repeated:
                row = self._rows[id_]
                row.kept = replace(row.kept, repeats=row.kept.repeats + 1)
            return sorting.receipts

    def standing(self, message_ids: Sequence[int]) -> Mapping[int, Standing]:
        """Where these messages stand."""
        self.ping()
        with self._lock:
            rows = [self._rows[id_].kept for id_ in message_ids if id_ in self._rows]
            return {kept.id: Standing(kept.state, kept.reason) for kept in rows}

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        """Lend up to `limit` messages in arrival order, none past an unfinished one of its keys."""
        self.ping()
        with self._lock:
            bring_near(self._rows.values(), source, self.time_s, lease_s)
            chosen = self._free(source, limit)
            if not chosen:
                return None
            token = f"{owner}-{next(self._tokens)}"
            for row in chosen:
                taken_over = row.kept.state is State.CLAIMED
                row.kept = replace(
                    row.kept, state=State.CLAIMED, attempts=row.kept.attempts + taken_over
                )
                row.token, row.free_at_s = token, self.time_s + lease_s
            return Claim(token, tuple(row.kept for row in chosen))

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        """Renew the lease of what is still held; False when any of it was taken over."""
        self.ping()
        with self._lock:
            rows = [self._rows[message.id] for message in claim.messages]
            for row in rows:
                if row.token == claim.token and row.kept.state is State.CLAIMED:
                    row.free_at_s = self.time_s + lease_s
            return all(row.token == claim.token for row in rows)

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> int:
        """Record the outcomes of messages that are still lent under this claim's token."""
        self.ping()
        with self._lock:
            ours = [
                (row, outcome)
                for outcome in outcomes
                for row in [self._rows[outcome.id]]
                if row.token == claim.token and row.kept.state is State.CLAIMED
            ]
            held = self._brakes.note([(row.kept, how) for row, how in ours], self._now)
            for row, outcome in ours:
                waits = Outcome(outcome.id, State.WAITING, tried=False)
                self._settle(row, waits if outcome.id in held else outcome)
            return len(ours)

    def ping(self) -> None:
        """Fail when the test said that the inbox is away."""
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the inbox database is away", at="inbox")

    def get(self, message_id: int) -> Kept:
        """One message with its bytes."""
        self.ping()
        if message_id not in self._rows:
            raise Failure(Kind.NOT_FOUND, "no such message", at="inbox")
        return self._rows[message_id].kept

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
        """Messages by state, sender, start of the reason and time, oldest first."""
        self.ping()
        found = (
            row.kept
            for row in self._rows.values()
            if row.kept.id > after
            and state in (None, row.kept.state)
            and sender in ("", row.kept.sender)
            and row.kept.reason.startswith(reason)
            and (since is None or row.kept.received_at >= since)
            and (until is None or row.kept.received_at < until)
        )
        return list(itertools.islice(found, limit))

    def counts(self) -> Mapping[tuple[str, State], int]:
        """How many messages per (source, state)."""
        self.ping()
        return Counter((row.kept.source, row.kept.state) for row in self._rows.values())

    def oldest_waiting_s(self, source: str = "") -> float:
        """Age of the oldest unfinished message."""
        self.ping()
        now = self._now
        arrived = [
            r.kept.received_at
            for r in self._rows.values()
            if r.kept.state in _UNFINISHED and source in ("", r.kept.source)
        ]
        return max(0.001, (now - min(arrived)).total_seconds()) if arrived else 0.0

    def replay(self, message_ids: Sequence[int], *, who: str = "wherry") -> int:
        """Put messages that are done or aside back to waiting."""
        self.ping()
        with self._lock:
            rows = [self._rows[id_] for id_ in sorted(set(message_ids)) if id_ in self._rows]
            again = [r for r in rows if r.kept.state not in _UNFINISHED and not r.kept.purged]
            for row in again:
                row.kept = replace(row.kept, state=State.WAITING, attempts=0, reason="")
                row.token, row.free_at_s = "", 0.0
                self._note(who, What.REPLAY, row.kept.id)
            return len(again)

    def handle(self, message_ids: Sequence[int], *, who: str, note: str) -> int:
        """Messages that are aside become done."""
        self.ping()
        if not note.strip():
            raise Failure(Kind.INVALID, "say in a note what was done about it", at="note")
        with self._lock:
            rows = [self._rows[id_] for id_ in sorted(set(message_ids)) if id_ in self._rows]
            aside = [row for row in rows if row.kept.state is State.ASIDE]
            for row in aside:
                reason = f"handled: {row.kept.reason}"
                row.kept = replace(row.kept, state=State.DONE, reason=reason)
                self._note(who, What.HANDLE, row.kept.id, note)
            return len(aside)

    def reveal(self, message_id: int, *, who: str, note: str = "") -> Kept:
        """One message with its bytes, and an audit row."""
        found = self.get(message_id)
        self._note(who, What.REVEAL, message_id, note)
        return found

    def release(self, sender: str, *, who: str, source: str = "", note: str = "") -> int:
        """Take the brake of a sender off."""
        self.ping()
        if count := self._brakes.release(sender, source):
            self._note(who, What.RELEASE, 0, f"{sender} {note}".strip())
        return count

    def audit(self, *, message_id: int = 0, after: int = 0, limit: int = 100) -> list[Deed]:
        """What was done, oldest first."""
        self.ping()
        found = (d for d in self.deeds if d.id > after and message_id in (0, d.message_id))
        return list(itertools.islice(found, limit))

    def standings(self) -> list[FeedStatus]:
        """How each sender's feed stands; made from the messages themselves."""
        self.ping()
        by_sender: dict[tuple[str, str], list[Kept]] = {}
        for row in self._rows.values():
            by_sender.setdefault((row.kept.source, row.kept.sender), []).append(row.kept)
        found = [
            standing(kept, self._now, self._ended.get(at), self._brakes.of(at))
            for at, kept in by_sender.items()
        ]
        return sorted(found, key=lambda one: -one.last_id)

    def asides(self) -> Mapping[tuple[str, str, str], int]:
        """How many messages lie aside by source, sender and class of reason."""
        self.ping()
        kept = [row.kept for row in self._rows.values() if row.kept.state is State.ASIDE]
        return Counter((one.source, one.sender, reason_class(one.reason)) for one in kept)

    @property
    def _now(self) -> datetime:
        return _START + timedelta(seconds=self.time_s)

    def _note(self, who: str, what: What, message_id: int, note: str = "") -> None:
        self.deeds.append(Deed(len(self.deeds) + 1, self._now, who, what, message_id, note))

    def _keep(self, arrival: Arrival) -> int:
        id_ = len(self._rows) + 1
        self._rows[id_] = Row(
            Kept(
                id=id_,
                source=arrival.source,
                body=arrival.body,
                channel=arrival.channel,
                sender=arrival.sender,
                kind=arrival.kind,
                control_id=arrival.control_id,
                received_at=self._now,
                state=State.ASIDE if arrival.aside else State.WAITING,
                attempts=0,
                reason=arrival.aside,
                keys=arrival.keys,
                charset=arrival.charset,
                answer=arrival.answer,
            )
        )
        self._named.setdefault(repeats.key(arrival), []).append(self._rows[id_].kept)
        return id_

    def _before(self, arrival: Arrival) -> Before:
        if not arrival.control_id:
            return Before()
        same = [
            row.kept for row in self._rows.values() if repeats.key(row.kept) == repeats.key(arrival)
        ]
        if not same:
            return Before()
        twin = next((kept for kept in reversed(same) if kept.body == arrival.body), None)
        return Before(same[-1].answer, twin.id if twin else 0, twin.answer if twin else None)

    def _free(self, source: str, limit: int) -> list[Row]:
        unfinished = [
            row
            for row in self._rows.values()
            if row.kept.source == source and row.kept.state in _UNFINISHED
        ]
        held = [row for row in unfinished if row.free_at_s > self.time_s]
        blocked = {key for row in held for key in row.kept.keys}
        chosen: list[Row] = []
        for row in unfinished:
            full = row.free_at_s > self.time_s or len(chosen) == limit
            if full or not self._brakes.passes(row.kept, self._now):
                continue
            if blocked.isdisjoint(row.kept.keys):
                chosen.append(row)
            else:
                blocked.update(row.kept.keys)
        return chosen

    def _settle(self, row: Row, outcome: Outcome) -> None:
        waits = outcome.state is State.WAITING
        row.kept = replace(
            row.kept,
            state=outcome.state,
            reason=outcome.reason,
            attempts=row.kept.attempts + (waits and outcome.tried),
        )
        row.free_at_s = self.time_s + outcome.delay_s if waits else 0.0
        if not waits:
            at = row.kept.source, row.kept.sender
            before = self._ended.get(at, Endings(self._now, 0, 0, 0.0))
            self._ended[at] = before.and_then(row.kept, self._now)
