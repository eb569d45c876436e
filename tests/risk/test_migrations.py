"""The migrations of the risk service make the tables that its code describes."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine, reading
from wherry_risk.migrate import VERSION_TABLE, upgrade
from wherry_risk.tables import metadata


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_migrations_make_what_the_tables_say(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    upgrade(url)
    engine = make_engine(url)

    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, type_, parents: (
                    type_ != "table" or name in metadata.tables
                ),
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []
