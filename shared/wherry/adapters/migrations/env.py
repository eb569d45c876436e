"""Runs the migrations of the inbox for `wherry.adapters.migrate`."""

from wherry.adapters.inbox_tables import metadata
from wherry.adapters.migrate import run

run(metadata)
