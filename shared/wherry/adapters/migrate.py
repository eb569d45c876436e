"""A database address turned into an up-to-date inbox database."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from wherry.adapters.sql import make_engine, writing

VERSION_TABLE = "alembic_version_inbox"
_LOCK = 7200


def upgrade(engine_url: str) -> None:
    """Bring the inbox's tables to the newest version; safe when several processes call at once.

    Raises: Failure(UNAVAILABLE).
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    engine = make_engine(engine_url, busy_timeout_s=30.0)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock, 0)"), {"lock": _LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
