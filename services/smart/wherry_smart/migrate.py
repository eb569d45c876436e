"""A database address turned into an up-to-date table of deeds."""

from pathlib import Path

from wherry.adapters import migrate
from wherry_smart.settings import Settings

SCHEMA = migrate.Schema(Path(__file__).with_name("migrations"), "alembic_version_smart", "8731006")
VERSION_TABLE = SCHEMA.version_table


def upgrade(url: str) -> None:
    """Bring the launch host's table to the newest version. Raises: Failure(UNAVAILABLE)."""
    migrate.upgrade(url, SCHEMA)


if __name__ == "__main__":
    upgrade(Settings().database_url)
