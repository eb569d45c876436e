"""A database address turned into an up-to-date set of tables of the CDS service."""

from pathlib import Path

from wherry.adapters import migrate
from wherry_cds.settings import Settings

SCHEMA = migrate.Schema(Path(__file__).with_name("migrations"), "alembic_version_cds", "8731005")


def upgrade(url: str) -> None:
    """Bring the tables to the newest version. Raises: Failure(UNAVAILABLE)."""
    migrate.upgrade(url, SCHEMA)


if __name__ == "__main__":
    upgrade(Settings().database_url)
