"""The tables of the CDS service and their migrations say the same."""

from pathlib import Path

from sqlalchemy import inspect

from wherry.adapters.sql import make_engine
from wherry_cds.migrate import upgrade
from wherry_cds.tables import metadata


def test_migrations_make_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cds.db"
    upgrade(url)
    upgrade(url)

    engine = make_engine(url)
    found = inspect(engine)
    made = {
        table.name: sorted(column["name"] for column in found.get_columns(table.name))
        for table in metadata.sorted_tables
    }
    engine.dispose()
    assert made == {
        table.name: sorted(column.name for column in table.columns)
        for table in metadata.sorted_tables
    }
