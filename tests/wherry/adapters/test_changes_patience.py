"""A patient who never goes quiet is looked at all the same."""

from typing import Protocol

import pytest
from sqlalchemy import Engine, update

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.inbox_tables import patient_change
from wherry.adapters.sql import writing
from wherry.ports import PATIENCE, Changes
from wherry.testing.changes import FakeChanges

QUIET_S = 3600.0


class Database(Protocol):
    url: str
    engine: Engine


def lent(changes: Changes) -> list[str]:
    due = changes.due(owner="risk", limit=10, quiet_s=QUIET_S, lease_s=60)
    return [patient_id for patient_id, _ in due]


@pytest.mark.parametrize(("waited_s", "found"), [(0, []), (QUIET_S * PATIENCE + 1, ["monitored"])])
def test_on_a_database(database: Database, waited_s: float, found: list[str]) -> None:
    changes = SqlChanges(database.engine)
    changes.mark(["monitored"])
    with writing(database.engine) as connection:
        earlier = patient_change.c.since_s - waited_s
        connection.execute(update(patient_change).values(since_s=earlier))
    changes.mark(["monitored"])

    assert lent(changes) == found


@pytest.mark.parametrize(("waited_s", "found"), [(0, []), (QUIET_S * PATIENCE + 1, ["monitored"])])
def test_on_the_fake(waited_s: float, found: list[str]) -> None:
    changes = FakeChanges()
    changes.mark(["monitored"])
    changes.time_s += waited_s
    changes.mark(["monitored"])

    assert lent(changes) == found
