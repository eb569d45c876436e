"""Brakes of senders as rows; what they hold back is out of the way of every claim.

A message that is held back has a state of its own, so that claims of other senders never pass over
it, however many there are. Each of these functions runs in the transaction of its caller, which
has the turn of the source.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, bindparam, delete, select, update

from wherry.adapters.inbox_tables import BRAKED, HELD_BACK, message, message_state, sender_brake
from wherry.adapters.sql import database_now, label, upsert
from wherry.braking import FREE, Brake, Braking, Ended, Stage, eased, weigh
from wherry.ports import Kept, Outcome, State

AT_ONCE = 500
"""Messages that are held back or let go in one step of a claim."""

_brake, _state = sender_brake.c, message_state.c
_of_sender = _state.message_id == message.c.id

# Asked with every claim and every settlement; nearly always there is no row.
_OF_SOURCE = select(sender_brake).where(_brake.source == bindparam("of"))
_GRIPPING = _OF_SOURCE.where(_brake.stage != Stage.COUNTING.value)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Choice:
    """Messages to lend; `more` when others may be found behind those that were held back now."""

    ids: list[int]
    more: bool = False


def past_brakes(
    connection: Connection,
    source: str,
    limit: int,
    choose: Callable[[int], list[int]],
) -> Choice:
    """What `choose` finds without messages of senders whose brake is on; those are held back."""
    brakes = {
        row.sender: _read(row)
        for row in connection.execute(_locked(connection, _GRIPPING), {"of": source}).all()
    }
    if not brakes:
        return Choice(choose(limit))
    now_s = connection.scalar(select(database_now())) or 0.0
    for sender, brake in list(brakes.items()):
        brakes[sender] = _moved(connection, source, sender, brake, now_s)
    chosen = choose(limit)
    free = _sorted(connection, source, chosen, brakes, now_s)
    if len(free) == len(chosen):
        return Choice(free)
    chosen = choose(max(limit, AT_ONCE))
    more = _sorted(connection, source, chosen, brakes, now_s)
    return Choice(more[:limit], more=not more)


def note_ended(
    connection: Connection,
    source: str,
    ended: Sequence[tuple[Kept, Outcome]],
    braking: Braking,
) -> frozenset[int]:
    """Count what ended towards the brakes; returns what is held back and not set aside."""
    rows = connection.execute(_locked(connection, _OF_SOURCE), {"of": source}).all()
    brakes = {row.sender: _read(row) for row in rows}
    failing = any(how.state is State.ASIDE for _, how in ended)
    if not brakes and not failing:
        return frozenset()
    by_sender: defaultdict[str, list[Ended]] = defaultdict(list)
    for kept, how in ended:
        if how.state in (State.DONE, State.ASIDE):
            failed = how.state is State.ASIDE and not how.landed
            by_sender[kept.sender].append(Ended(kept.id, failed, label(how.reason)))
    held: frozenset[int] = frozenset()
    for sender, some in sorted(by_sender.items()):
        if sender not in brakes and not any(one.failed for one in some):
            continue
        before = brakes.get(sender, FREE)
        now_s = connection.scalar(select(database_now())) or 0.0
        after, waiting = weigh(before, some, braking, now_s)
        _write(connection, source, sender, after)
        _tell(source, before, after)
        held |= waiting
    if held:
        connection.execute(_hold(sorted(held)))
    return held


def let_go(connection: Connection, sender: str, source: str = "") -> int:
    """An operator takes the brake of a sender off, in one source or all; returns how many."""
    wanted = select(sender_brake).where(_brake.sender == sender, _brake.stage == Stage.ON.value)
    if source:
        wanted = wanted.where(_brake.source == source)
    rows = connection.execute(_locked(connection, wanted)).all()
    for row in rows:
        _write(connection, row.source, sender, eased(_read(row)))
    return len(rows)


def brakes_on(connection: Connection) -> Mapping[tuple[str, str], Brake]:
    """The brakes that are on, by source and sender."""
    rows = connection.execute(select(sender_brake).where(_brake.stage == Stage.ON.value))
    return {(row.source, row.sender): _read(row) for row in rows}


def _moved(connection: Connection, source: str, sender: str, brake: Brake, now_s: float) -> Brake:
    """The brake a step on: a message to try when it is time, more let go while it eases."""
    if brake.wants_probe(now_s):
        found = _held_of(connection, source, sender, 0, 1)
        if not found:
            return brake
        connection.execute(_free(found))
        brake = replace(brake, probe_id=found[0])
        _write(connection, source, sender, brake)
    elif brake.stage is Stage.EASING:
        found = _held_of(connection, source, sender, brake.let_through, AT_ONCE)
        if found:
            connection.execute(_free(found))
            brake = replace(brake, let_through=found[-1])
        if len(found) < AT_ONCE:
            brake = Brake(in_a_row=brake.in_a_row, reason=brake.reason)
        _write(connection, source, sender, brake)
    return brake


def _sorted(
    connection: Connection,
    source: str,
    chosen: Sequence[int],
    brakes: dict[str, Brake],
    now_s: float,
) -> list[int]:
    """Those that may pass; the others are held back. One may become what is tried next."""
    wanted = select(message.c.id, message.c.sender).where(
        message.c.id.in_(chosen), message.c.sender.in_(brakes)
    )
    held: list[int] = []
    for id_, sender in connection.execute(wanted.order_by(message.c.id)).all():
        brake = brakes[sender]
        if brake.wants_probe(now_s):
            brake = brakes[sender] = replace(brake, probe_id=id_)
            _write(connection, source, sender, brake)
        if not brake.passes(id_):
            held.append(id_)
    if held:
        connection.execute(_hold(held))
    gone = set(held)
    return [id_ for id_ in chosen if id_ not in gone]


def _held_of(connection: Connection, source: str, sender: str, after: int, limit: int) -> list[int]:
    """The oldest messages of a sender that are held back."""
    wanted = (
        select(_state.message_id)
        .join(message, _of_sender)
        .where(HELD_BACK, _state.source == source, message.c.sender == sender)
        .where(_state.message_id > after)
        .order_by(_state.message_id)
        .limit(limit)
    )
    return list(connection.scalars(wanted))


def _hold(ids: Sequence[int]) -> Any:
    values = {"state": BRAKED, "reason": "", "token": "", "free_at_s": 0.0}
    return update(message_state).where(_state.message_id.in_(ids)).values(values)


def _free(ids: Sequence[int]) -> Any:
    waiting = {"state": State.WAITING.value}
    return update(message_state).where(_state.message_id.in_(ids)).values(waiting)


def _locked(connection: Connection, wanted: Select[Any]) -> Select[Any]:
    """So that an operator who lets go and a worker who counts do not overwrite one another."""
    return wanted.with_for_update() if connection.dialect.name == "postgresql" else wanted


def _read(row: Row[Any]) -> Brake:
    return Brake(
        Stage(row.stage),
        row.in_a_row,
        row.on_at_s,
        row.reason,
        row.probe_id,
        row.probe_at_s,
        row.pause_s,
        row.let_through,
    )


def _write(connection: Connection, source: str, sender: str, brake: Brake) -> None:
    if brake == FREE:
        gone = delete(sender_brake).where(_brake.source == source, _brake.sender == sender)
        connection.execute(gone)
        return
    values = {
        "stage": brake.stage.value,
        "in_a_row": brake.in_a_row,
        "on_at_s": brake.on_at_s,
        "reason": brake.reason,
        "probe_id": brake.probe_id,
        "probe_at_s": brake.probe_at_s,
        "pause_s": brake.pause_s,
        "let_through": brake.let_through,
    }
    made = upsert(connection.dialect.name, sender_brake).values(
        source=source, sender=sender, **values
    )
    connection.execute(made.on_conflict_do_update(index_elements=["source", "sender"], set_=values))


def _tell(source: str, before: Brake, after: Brake) -> None:
    if after.stage is Stage.ON and before.stage is not Stage.ON:
        log.error("brake_applied", source=source, set_aside_in_a_row=after.in_a_row)
    elif before.stage is Stage.ON and after.stage is not Stage.ON:
        log.warning("brake_released", source=source)
