"""Rows that were kept, settled or removed become the figures of their senders."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, case, update
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import dialect as SqliteDialect

from wherry.adapters.inbox_tables import sender_received, sender_settled
from wherry.adapters.sql import database_now, label, of_sqlite, upsert
from wherry.ports import Kept, State

WINDOW_S = 600.0

_FIGURES = [column.name for column in sender_received.columns]
_ENDS = {State.DONE: "done", State.ASIDE: "aside"}


def note_received(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Count rows of `message` that are being kept; in the same transaction."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        at = row["source"], row["sender"]
        if (figures := found.get(at)) is None:
            now_s = row["received_at_s"]
            figures = found[at] = {
                "source": at[0],
                "sender": at[1],
                "received": 0,
                "dropped": 0,
                "window_no": int(now_s // WINDOW_S),
                "in_window": 0,
                "in_window_before": 0,
                "first_s": now_s,
                "last_s": now_s,
            }
        figures["received"] += 1
        figures["in_window"] += 1
        figures["last_id"] = row["id"]
    figures_of = [found[at] for at in sorted(found)]
    if connection.dialect.name == "sqlite":
        statement, values = _received_sqlite()
        of_sqlite(connection).executemany(statement, map(values, figures_of))
    else:
        connection.execute(_received("postgresql"), figures_of)


def note_settled(connection: Connection, ended: Sequence[tuple[Kept, State]]) -> None:
    """Count messages that ended; in the same transaction."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for kept, state in ended:
        if state not in _ENDS:
            continue
        at = kept.source, label(kept.sender)
        figures = found.setdefault(
            at, {"source": at[0], "sender": at[1], "done": 0, "aside": 0, "since_s": 0.0}
        )
        figures[_ENDS[state]] += 1
        figures["since_s"] = kept.received_at.timestamp()
    if not found:
        return
    statement = _settled(connection.dialect.name)
    connection.execute(statement, [found[at] for at in sorted(found)])


def note_dropped(connection: Connection, senders: Sequence[tuple[str, str]]) -> None:
    """Count messages, given by source and sender, whose rows are being removed."""
    row = sender_received.c
    statement = (
        update(sender_received)
        .where(row.source == bindparam("of_source"), row.sender == bindparam("of_sender"))
        .values(dropped=row.dropped + bindparam("times"))
    )
    counted = sorted(Counter(senders).items())
    connection.execute(
        statement,
        [
            {"of_source": source, "of_sender": sender, "times": times}
            for (source, sender), times in counted
        ],
    )


@cache
def _received(dialect: str) -> SqliteInsert | PostgresInsert:
    made = upsert(dialect, sender_received)
    old, new = sender_received.c, made.excluded
    same = old.window_no == new.window_no
    follows = old.window_no == new.window_no - 1
    return made.on_conflict_do_update(
        index_elements=["source", "sender"],
        set_={
            "received": old.received + new.received,
            "last_id": new.last_id,
            "last_s": new.last_s,
            "window_no": new.window_no,
            "in_window": case((same, old.in_window + new.in_window), else_=new.in_window),
            "in_window_before": case(
                (same, old.in_window_before), (follows, old.in_window), else_=0
            ),
        },
    )


@cache
def _received_sqlite() -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """The same as the driver takes it, and what puts its values in order."""
    compiled = _received("sqlite").compile(dialect=SqliteDialect(), column_keys=_FIGURES)
    ordered, constants = itemgetter(*compiled.positiontup or ()), compiled.params
    return str(compiled), lambda figures: ordered({**constants, **figures})


@cache
def _settled(dialect: str) -> SqliteInsert | PostgresInsert:
    lag_s = database_now() - bindparam("since_s", type_=sender_settled.c.lag_s.type)
    made = upsert(dialect, sender_settled).values(
        source=bindparam("source"),
        sender=bindparam("sender"),
        done=bindparam("done"),
        aside=bindparam("aside"),
        last_s=database_now(),
        lag_s=lag_s,
    )
    old, new = sender_settled.c, made.excluded
    return made.on_conflict_do_update(
        index_elements=["source", "sender"],
        set_={
            "done": old.done + new.done,
            "aside": old.aside + new.aside,
            "last_s": new.last_s,
            "lag_s": new.lag_s,
        },
    )
