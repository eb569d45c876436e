"""A database address turned into an up-to-date set of device tables."""

from pathlib import Path

from wherry.adapters import migrate
from wherry_devices.settings import Settings

SCHEMA = migrate.Schema(
    Path(__file__).with_name("migrations"), "alembic_version_devices", "8731003"
)
VERSION_TABLE = SCHEMA.version_table


def upgrade(url: str) -> None:
    """Bring the device tables to the newest version. Raises: Failure(UNAVAILABLE)."""
    migrate.upgrade(url, SCHEMA)


if __name__ == "__main__":
    upgrade(Settings().database_url)
