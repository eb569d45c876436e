"""A database address turned into up-to-date tables: the one way, for the inbox and the services."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData

from wherry.adapters.sql import make_engine, writing


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one owner: where its migrations are, and what keeps owners apart.

    `lock` are the arguments of PostgreSQL's advisory lock, `version_table` is Alembic's own.
    """

    migrations: Path
    version_table: str
    lock: str


INBOX = Schema(Path(__file__).with_name("migrations"), "alembic_version_inbox", "7200, 0")
VERSION_TABLE = INBOX.version_table


def upgrade(url: str, schema: Schema = INBOX) -> None:
    """Bring these tables to the newest version; safe when several processes call at once.

    Raises: Failure(UNAVAILABLE).
    """
    config = Config()
    config.set_main_option("script_location", str(schema.migrations))
    engine = make_engine(url, busy_timeout_s=30.0)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({schema.lock})")
            config.attributes.update(connection=connection, version_table=schema.version_table)
            command.upgrade(config, "heads")  # an owner may have several lines of tables
    finally:
        engine.dispose()


def run(tables: MetaData) -> None:
    """What an owner's env.py does: its migrations, in the transaction of `upgrade`.

    Source: Alembic cookbook, Sharing a Connection across Programmatic Migration Commands.
    """
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=tables,
        version_table=attributes["version_table"],
    )
    with context.begin_transaction():
        context.run_migrations()
