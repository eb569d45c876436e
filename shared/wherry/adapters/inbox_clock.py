"""Times in the inbox that a clock wrote before it was set back become times that can be meant."""

from sqlalchemy import Connection, case, literal, literal_column, update

from wherry.adapters import inbox_claims
from wherry.adapters.inbox_tables import HELD, message_state
from wherry.adapters.sql import quickly
from wherry.pausing import LONGEST_S
from wherry.ports import State

_LEASES = 2  # so many of our own are still believed of others, whose setting may be older
_FURTHEST = "SELECT max(free_at_s) FROM message_state WHERE source = :source AND free_at_s > 0"


def bring_near(connection: Connection, source: str, lease_s: float) -> float:
    """What is held for longer than can be meant was so by a clock that has been set back since.

    It is not free at once: its worker may be alive, and then renews its lease; what backs off does
    so once more for as long as its attempts say. Returns the time by the database's clock.
    """
    now_s = inbox_claims.now_s(connection)
    [(furthest_s,)] = quickly(connection, _FURTHEST, {"source": source})
    if (furthest_s or 0.0) <= now_s + min(_LEASES * lease_s, LONGEST_S):
        return now_s
    row = message_state.c
    backs_off_s = case((row.attempts < 8, literal_column("1").op("<<")(row.attempts)), else_=300)
    for state, most_s, then_s in (
        (State.CLAIMED, _LEASES * lease_s, literal(lease_s)),
        (State.WAITING, LONGEST_S, backs_off_s),
    ):
        connection.execute(
            update(message_state)
            .where(
                row.source == source,
                HELD,
                row.free_at_s > now_s + most_s,
                row.state == state.value,
            )
            .values(free_at_s=now_s + then_s)
        )
    return now_s
