"""Questions of an operator about changed patients turned into SQL on their table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select, update

from wherry.adapters.inbox_tables import patient_change
from wherry.adapters.sql import reading, writing
from wherry.ports import Aside, State

_row = patient_change.c
_AT_ONCE = 500


class SqlChangesDesk:
    """The `ChangesDesk` port: look, count, put back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def aside(self, *, after: str = "", limit: int = 100) -> list[Aside]:
        """Patients set aside, by id."""
        wanted = (
            select(_row.patient_id, _row.reason, _row.attempts, _row.tried_s)
            .where(_row.state == State.ASIDE.value, _row.patient_id > after)
            .order_by(_row.patient_id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                Aside(patient_id, reason, attempts, datetime.fromtimestamp(tried_s, UTC))
                for patient_id, reason, attempts, tried_s in connection.execute(wanted)
            ]

    def counts(self) -> Mapping[State, int]:
        """How many patients are waiting and how many aside."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_row.state, func.count()).group_by(_row.state)).all()
        return {State.WAITING: 0, State.ASIDE: 0} | {State(name): count for name, count in rows}

    def requeue(self, patient_ids: Sequence[str]) -> int:
        """Put patients who are aside back to waiting."""
        ids = sorted(set(patient_ids))
        with writing(self._engine) as connection:
            return sum(
                connection.execute(
                    update(patient_change)
                    .where(
                        _row.patient_id.in_(ids[start : start + _AT_ONCE]),
                        _row.state == State.ASIDE.value,
                    )
                    .values(state=State.WAITING.value, attempts=0, reason="", free_at_s=0.0)
                ).rowcount
                for start in range(0, len(ids), _AT_ONCE)
            )
