"""Outcomes become rows that are sealed to themselves, and rows become outcomes again."""

import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Engine, delete, select

from wherry.adapters.sealing import NO_KEYS, Seal, Sealer
from wherry.adapters.sql import database_now, reading, upsert, writing
from wherry_risk.monitoring.outcomes import Outcome
from wherry_risk.tables import risk_outcome

_row = risk_outcome.c
_PAGE = 500


class Outcomes(Protocol):
    """What became of patients, as far as anybody told."""

    def add(self, tenant: str, outcomes: Sequence[Outcome]) -> None:
        """Keep all in one commit; the same stay's outcome again takes the place of the first.

        Raises: Failure(UNAVAILABLE) when none was kept.
        """
        ...

    def since(self, tenant: str, at: datetime) -> Iterator[Outcome]:
        """Outcomes at or after this moment, in order. Raises: Failure(UNAVAILABLE)."""
        ...

    def drop(self, before: datetime) -> int:
        """Remove those from before then, for good; how many. Raises: Failure(UNAVAILABLE)."""
        ...

    def reseal(self) -> int:
        """Seal those of another key with the first one; how many.

        Raises: Failure(UNAVAILABLE) when a key is away: then nothing was changed.
        """
        ...


class SqlOutcomes:
    """The `Outcomes` port."""

    def __init__(
        self, engine: Engine, sealer: Sealer = NO_KEYS, keys: Sequence[bytes] = ()
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._key = hmac.digest(keys[0], b"wherry risk outcome", sha256) if keys else b""

    def add(self, tenant: str, outcomes: Sequence[Outcome]) -> None:
        """Keep all in one commit."""
        if not outcomes:
            return
        seal = self._sealer.group()
        with writing(self._engine) as connection:
            now_s = connection.scalar(select(database_now()))
            for one in outcomes:
                key = self._name(tenant, one)
                told = {"tenant": tenant, "loaded_s": now_s, **self._told(one, key, seal)}
                _put(connection, key, told)

    def since(self, tenant: str, at: datetime) -> Iterator[Outcome]:
        """Outcomes at or after this moment, in order."""
        after = (at.timestamp(), "")
        wanted = select(risk_outcome).where(_row.tenant == tenant)
        while True:
            at_s, key = after
            later = (_row.at_s > at_s) | ((_row.at_s == at_s) & (_row.outcome_key > key))
            with reading(self._engine) as connection:
                rows = connection.execute(
                    wanted.where(later).order_by(_row.at_s, _row.outcome_key).limit(_PAGE)
                ).all()
            yield from map(self._outcome, rows)
            if len(rows) < _PAGE:
                return
            after = (rows[-1].at_s, rows[-1].outcome_key)

    def drop(self, before: datetime) -> int:
        """Remove those from before then; in a SQLite file nothing readable is left."""
        with writing(self._engine) as connection:
            _overwrite(connection)
            old = delete(risk_outcome).where(_row.at_s < before.timestamp())
            return connection.execute(old).rowcount

    def reseal(self) -> int:
        """Seal those of another key with the first one, under the name that it gives them."""
        seal = self._sealer.group()
        other = select(risk_outcome).where(_row.key_id != self._sealer.key_id)
        with writing(self._engine) as connection:
            _overwrite(connection)
            rows = connection.execute(other).all()
            for row in rows:
                one = self._outcome(row)
                key = self._name(row.tenant, one)
                same = _row.outcome_key == row.outcome_key
                connection.execute(delete(risk_outcome).where(same))
                told = {
                    "tenant": row.tenant,
                    "loaded_s": row.loaded_s,
                    **self._told(one, key, seal),
                }
                _put(connection, key, told)
        return len(rows)

    def _told(self, one: Outcome, key: str, seal: Seal) -> dict[str, Any]:
        return {
            "kind": one.kind.value,
            "at_s": one.at.timestamp(),
            "key_id": self._sealer.key_id,
            "body": seal(msgspec.json.encode(one), _identity(key)),
        }

    def _name(self, tenant: str, one: Outcome) -> str:
        """One outcome of each kind for a stay; without a stay, for a moment."""
        which = one.encounter or one.at.isoformat()
        name = "\x1f".join((tenant, one.patient, one.kind.value, which)).encode()
        return hmac.digest(self._key, name, sha256).hex()

    def _outcome(self, row: Any) -> Outcome:
        body = self._sealer.open(row.key_id, row.body, _identity(row.outcome_key))
        return msgspec.json.decode(body, type=Outcome)


def _put(connection: Connection, key: str, told: dict[str, Any]) -> None:
    made = upsert(connection.dialect.name, risk_outcome).values(outcome_key=key, **told)
    connection.execute(made.on_conflict_do_update(index_elements=["outcome_key"], set_=told))


def _overwrite(connection: Connection) -> None:
    """What goes leaves nothing readable in free pages of a SQLite file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _identity(key: str) -> str:
    """What a sealed body is bound to: it opens in no other row."""
    return f"risk_outcome\x1f{key}"
