"""A database address turned into an up-to-date set of the risk service's tables."""

from pathlib import Path

from wherry.adapters import migrate
from wherry_risk.settings import Settings

SCHEMA = migrate.Schema(Path(__file__).with_name("migrations"), "alembic_version_risk", "8731007")
VERSION_TABLE = SCHEMA.version_table


def upgrade(url: str) -> None:
    """Bring these tables to the newest version. Raises: Failure(UNAVAILABLE)."""
    migrate.upgrade(url, SCHEMA)


if __name__ == "__main__":
    upgrade(Settings().database_url)
