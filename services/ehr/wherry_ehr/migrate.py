"""A database address turned into an up-to-date FHIR store."""

from pathlib import Path

from wherry.adapters import migrate
from wherry_ehr.settings import Settings
from wherry_ehr.store.reindex import reindex

SCHEMA = migrate.Schema(Path(__file__).with_name("migrations"), "alembic_version_ehr", "8731002")
VERSION_TABLE = SCHEMA.version_table


def upgrade(url: str) -> None:
    """Bring the store's tables and index rows to the newest version.

    Raises: Failure(UNAVAILABLE).
    """
    migrate.upgrade(url, SCHEMA)
    reindex(url)


if __name__ == "__main__":
    upgrade(Settings().database_url)
