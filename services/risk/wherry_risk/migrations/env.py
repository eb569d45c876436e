"""Runs the migrations of the risk service's tables for `wherry.adapters.migrate`."""

from wherry.adapters.migrate import run
from wherry_risk.tables import metadata

run(metadata)
