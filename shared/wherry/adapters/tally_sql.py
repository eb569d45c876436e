"""Codes that no table has become counts by sender and table."""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

from wherry.adapters.inbox_tables import unknown_code
from wherry.adapters.sql import database_now, label, reading, upsert, writing

_row = unknown_code.c


class SqlTally:
    """The `Tally` port on one table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count more codes of a sender that a table does not have."""
        if not counts:
            return
        with writing(self._engine, durable=False) as connection:
            now_s = connection.scalar(select(database_now()))
            connection.execute(
                _upsert(connection),
                [
                    {"sender": label(sender), "code_table": table, "times": times, "last_s": now_s}
                    for (sender, table), times in sorted(counts.items())
                ],
            )

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many codes so far, by sender and table, the most first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(_row.sender, _row.code_table, _row.times).order_by(
                    _row.times.desc(), _row.sender, _row.code_table
                )
            )
            return {(sender, table): times for sender, table, times in rows}


def _upsert(connection: Connection) -> SqliteInsert | PostgresInsert:
    made = upsert(connection.dialect.name, unknown_code)
    return made.on_conflict_do_update(
        index_elements=["sender", "code_table"],
        set_={"times": _row.times + made.excluded.times, "last_s": made.excluded.last_s},
    )
