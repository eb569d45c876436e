"""Messages in memory become the standing of their sender, as the SQL one counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wherry.braking import Brake, Stage
from wherry.desk import FeedStatus
from wherry.ports import Kept, State

_WINDOW_S = 600


@dataclass(frozen=True, slots=True)
class Endings:
    """What ended of one sender, and when it did last."""

    at: datetime
    done: int
    aside: int
    lag_s: float

    def and_then(self, kept: Kept, now: datetime) -> "Endings":
        """With one message more."""
        return Endings(
            now,
            self.done + (kept.state is State.DONE),
            self.aside + (kept.state is State.ASIDE),
            (now - kept.received_at).total_seconds(),
        )


def standing(
    found: Sequence[Kept], now: datetime, ended: Endings | None, brake: Brake
) -> FeedStatus:
    """The messages of one sender, in order, as its standing; the rate counts the last window."""
    open_ = [one for one in found if one.state in (State.WAITING, State.CLAIMED)]
    recent = [one for one in found if (now - one.received_at).total_seconds() < _WINDOW_S]
    return FeedStatus(
        source=found[0].source,
        sender=found[0].sender,
        received=len(found),
        first_at=found[0].received_at,
        last_at=found[-1].received_at,
        last_id=found[-1].id,
        per_minute=len(recent) / (_WINDOW_S / 60),
        waiting=len(open_),
        oldest_waiting_s=(now - open_[0].received_at).total_seconds() if open_ else 0.0,
        aside=sum(one.state is State.ASIDE for one in found),
        done=ended.done if ended else 0,
        aside_so_far=ended.aside if ended else 0,
        ended_at=ended.at if ended else None,
        lag_s=ended.lag_s if ended else 0.0,
        brake=brake if brake.stage is Stage.ON else None,
    )
