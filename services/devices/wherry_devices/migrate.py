"""A database address turned into an up-to-date set of device tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from wherry.adapters.sql import make_engine, writing
from wherry_devices.settings import Settings

VERSION_TABLE = "alembic_version_devices"
_LOCK = 8_731_003


def upgrade(url: str) -> None:
    """Bring the device tables to the newest version; safe when several processes call at once.

    Raises: Failure(UNAVAILABLE).
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    engine = make_engine(url, busy_timeout_s=30.0)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


if __name__ == "__main__":
    upgrade(Settings().database_url)
