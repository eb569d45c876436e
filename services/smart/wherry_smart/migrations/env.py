"""Runs the migrations of the launch host's tables for `wherry.adapters.migrate`."""

from wherry.adapters.migrate import run
from wherry_smart.tables import metadata

run(metadata)
