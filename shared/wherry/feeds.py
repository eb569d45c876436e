"""Figures of a sender, its unknown codes and the time in its last message become one status."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wherry.braking import Brake
from wherry.desk import Desk, FeedStatus
from wherry.errors import ABSENT, Failure, Kind
from wherry.hl7 import head as heads
from wherry.hl7.sent import sent_at
from wherry.ports import Kept, Tally

_MOST_READ = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """One sender; `skew_s` is how far MSH-7 is ahead of our clock, None when nobody can tell."""

    status: FeedStatus
    unknown_codes: int = 0
    skew_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        said = self.status
        return {
            "source": said.source,
            "sender": said.sender,
            "received": said.received,
            "first_at": _at(said.first_at),
            "last_at": _at(said.last_at),
            "last_id": said.last_id,
            "per_minute": round(said.per_minute, 3),
            "waiting": said.waiting,
            "oldest_waiting_s": round(said.oldest_waiting_s, 3),
            "aside": said.aside,
            "done": said.done,
            "ended_at": _at(said.ended_at) if said.ended_at else None,
            "lag_s": round(said.lag_s, 3),
            "unknown_codes": self.unknown_codes,
            "clock_skew_s": None if self.skew_s is None else round(self.skew_s, 3),
            "brake": _brake(said.brake) if said.brake else None,
        }


def feeds_of(desk: Desk, tally: Tally) -> list[Feed]:
    """Every sender, who sent last first; the clocks of the first fifty."""
    unknown: Counter[str] = Counter()
    for (sender, _), times in tally.counts().items():
        unknown[sender] += times
    return [
        Feed(status, unknown[status.sender], _skew(desk, status) if n < _MOST_READ else None)
        for n, status in enumerate(desk.standings())
    ]


def skew_of(kept: Kept) -> float | None:
    """Seconds that MSH-7 is ahead of the time of receipt; None when it is not an exact time."""
    try:
        sent = sent_at(heads.read(kept.body))
    except Failure:
        return None
    return (sent - kept.received_at).total_seconds() if sent else None


def _skew(desk: Desk, status: FeedStatus) -> float | None:
    try:
        return skew_of(desk.get(status.last_id))
    except Failure as failure:
        if failure.kind in ABSENT or failure.kind is Kind.FAULT:
            return None
        raise


def _brake(brake: Brake) -> dict[str, Any]:
    return {
        "since": _at(datetime.fromtimestamp(brake.on_at_s, UTC)),
        "set_aside_in_a_row": brake.in_a_row,
        "reason": brake.reason,
        "next_trial_at": _at(datetime.fromtimestamp(brake.probe_at_s, UTC)),
    }


def _at(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")
