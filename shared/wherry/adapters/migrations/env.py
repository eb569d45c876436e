"""Runs the inbox's migrations on the connection, and in the transaction, of `migrate.upgrade`."""

from alembic import context

from wherry.adapters.inbox_tables import metadata
from wherry.adapters.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
