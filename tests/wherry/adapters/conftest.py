"""A migrated inbox database of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine


@dataclass(frozen=True)
class Database:
    """Its address and an engine on it."""

    url: str
    engine: Engine


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty inbox on SQLite, and once more on PostgreSQL."""
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade(url)
    engine = make_engine(url)
    yield Database(url, engine)
    engine.dispose()
