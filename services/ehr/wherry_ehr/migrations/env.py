"""Runs the migrations of the store's tables for `wherry.adapters.migrate`."""

from wherry.adapters.migrate import run
from wherry_ehr.store.tables import metadata

run(metadata)
