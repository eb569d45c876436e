"""Migrations make the tables that the code describes, once, whoever calls."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.inbox_tables import metadata
from wherry.adapters.migrate import INBOX, VERSION_TABLE, upgrade
from wherry.adapters.sql import make_engine, reading
from wherry.ports import Arrival
from wherry_cds import migrate as cds
from wherry_devices import migrate as devices
from wherry_ehr import migrate as ehr
from wherry_risk import migrate as risk
from wherry_smart import migrate as smart


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def test_the_migrations_make_what_the_tables_say(url: str) -> None:
    upgrade(url)
    engine = make_engine(url)

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_several_may_migrate_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(upgrade, url) for _ in range(6)]:
            future.result(60)

    engine = make_engine(url)
    SqlInbox(engine).ping()
    engine.dispose()


def test_migrating_again_keeps_the_messages(url: str) -> None:
    upgrade(url)
    engine = make_engine(url)
    SqlInbox(engine).keep([Arrival("hl7", b"synthetic")])

    upgrade(url)

    claim = SqlInbox(engine).claim("hl7", owner="worker", limit=1, lease_s=1)
    engine.dispose()
    assert claim is not None


def test_owners_of_one_database_know_their_own_versions_and_locks() -> None:
    schemas = [INBOX, ehr.SCHEMA, devices.SCHEMA, risk.SCHEMA, cds.SCHEMA, smart.SCHEMA]

    assert len({schema.version_table for schema in schemas}) == len(schemas)
    assert len({schema.lock for schema in schemas}) == len(schemas)
    assert all((schema.migrations / "env.py").exists() for schema in schemas)
