"""Runs the migrations of devices on the connection, and in the transaction, of `upgrade`."""

from alembic import context

from wherry_devices.migrate import VERSION_TABLE
from wherry_devices.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
