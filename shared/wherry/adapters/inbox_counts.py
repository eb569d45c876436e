"""Partial indexes and the figures of senders become counts, without a look at what is done."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from wherry.adapters.braking_sql import brakes_on
from wherry.adapters.inbox_figures import WINDOW_S
from wherry.adapters.inbox_tables import (
    ASIDE,
    HELD,
    HELD_BACK,
    UNFINISHED,
    message,
    message_state,
    sender_received,
    sender_settled,
)
from wherry.adapters.sql import database_now
from wherry.desk import FeedStatus, reason_class
from wherry.ports import State

_MINUTES = WINDOW_S / 60
_YOUNG_S = 0.001

_state, _received, _settled = message_state.c, sender_received.c, sender_settled.c


def counts(connection: Connection) -> Mapping[tuple[str, State], int]:
    """How many messages per (source, state); what is done is what is left of all."""
    unfinished = _by_source(connection, _of_source(UNFINISHED))
    unfinished += _by_source(connection, _of_source(HELD_BACK))
    claimed = _by_source(connection, _of_source(HELD).where(_state.state == State.CLAIMED.value))
    aside = _by_source(connection, _of_source(ASIDE))
    all_ = _by_source(
        connection,
        select(_received.source, func.sum(_received.received - _received.dropped)).group_by(
            _received.source
        ),
    )
    found: dict[tuple[str, State], int] = {}
    for source in sorted(all_):
        found[source, State.WAITING] = unfinished[source] - claimed[source]
        found[source, State.CLAIMED] = claimed[source]
        found[source, State.ASIDE] = aside[source]
        found[source, State.DONE] = all_[source] - unfinished[source] - aside[source]
    return {at: count for at, count in found.items() if count}


def oldest_waiting_s(connection: Connection, source: str) -> float:
    """Age of the oldest unfinished message, of one source or all; above 0 when there is one.

    Even where the clock was set back behind its arrival: a sweep asks whether work waits.
    """
    ages = []
    for condition in (UNFINISHED, HELD_BACK):
        oldest = select(func.min(_state.message_id)).where(condition)
        if source:
            oldest = oldest.where(_state.source == source)
        wanted = select(database_now() - message.c.received_at_s).where(
            message.c.id == oldest.scalar_subquery()
        )
        age_s = connection.scalar(wanted)
        ages.append(0.0 if age_s is None else max(_YOUNG_S, age_s))
    return max(ages)


def asides(connection: Connection) -> Mapping[tuple[str, str, str], int]:
    """How many messages lie aside by source, sender and class of reason, the most first."""
    wanted = (
        select(_state.source, message.c.sender, _state.reason, func.count())
        .join(message, message.c.id == _state.message_id)
        .where(ASIDE)
        .group_by(_state.source, message.c.sender, _state.reason)
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for source, sender, reason, count in connection.execute(wanted):
        found[source, sender, reason_class(reason)] += count
    return dict(found.most_common())


def standings(connection: Connection) -> list[FeedStatus]:
    """How each sender's feed stands, who sent last first."""
    now_s = connection.scalar(select(database_now())) or 0.0
    waiting = _waiting(connection, now_s)
    brakes = brakes_on(connection)
    aside: Counter[tuple[str, str]] = Counter()
    for (source, sender, _), count in asides(connection).items():
        aside[source, sender] += count
    ends = {(row.source, row.sender): row for row in connection.execute(select(sender_settled))}
    rows = connection.execute(
        select(sender_received).order_by(_received.last_id.desc(), _received.sender)
    )
    return [
        replace(
            _standing(row, now_s, waiting.get(at, (0, 0.0)), aside[at], ends.get(at)),
            brake=brakes.get(at),
        )
        for row in rows
        for at in [(row.source, row.sender)]
    ]


def _waiting(connection: Connection, now_s: float) -> dict[tuple[str, str], tuple[int, float]]:
    """How many messages of each sender have not ended, and the age of the oldest."""
    found: dict[tuple[str, str], tuple[int, float]] = {}
    for condition in (UNFINISHED, HELD_BACK):
        wanted = (
            select(_state.source, message.c.sender, func.count(), func.min(message.c.received_at_s))
            .join(message, message.c.id == _state.message_id)
            .where(condition)
            .group_by(_state.source, message.c.sender)
        )
        for source, sender, count, since_s in connection.execute(wanted):
            others, age_s = found.get((source, sender), (0, 0.0))
            found[source, sender] = others + count, max(age_s, now_s - since_s)
    return found


def _standing(
    row: Row[Any],
    now_s: float,
    waiting: tuple[int, float],
    aside: int,
    end: Row[Any] | None,
) -> FeedStatus:
    return FeedStatus(
        source=row.source,
        sender=row.sender,
        received=row.received,
        first_at=datetime.fromtimestamp(row.first_s, UTC),
        last_at=datetime.fromtimestamp(row.last_s, UTC),
        last_id=row.last_id,
        per_minute=_per_minute(row, now_s),
        waiting=waiting[0],
        oldest_waiting_s=waiting[1],
        aside=aside,
        done=end.done if end else 0,
        aside_so_far=end.aside if end else 0,
        ended_at=datetime.fromtimestamp(end.last_s, UTC) if end else None,
        lag_s=max(0.0, end.lag_s) if end else 0.0,
    )


def _per_minute(row: Row[Any], now_s: float) -> float:
    """All of this window, and of the one before the part that is less than a window ago."""
    current = int(now_s // WINDOW_S)
    part_ago = 1 - (now_s % WINDOW_S) / WINDOW_S
    if row.window_no == current:
        return float(row.in_window + row.in_window_before * part_ago) / _MINUTES
    if row.window_no == current - 1:
        return float(row.in_window) * part_ago / _MINUTES
    return 0.0


def _of_source(condition: Any) -> Select[Any]:
    return select(_state.source, func.count()).where(condition).group_by(_state.source)


def _by_source(connection: Connection, wanted: Select[Any]) -> Counter[str]:
    return Counter({source: int(count) for source, count in connection.execute(wanted)})
