"""Runs the migrations of the CDS tables for `wherry.adapters.migrate`."""

from wherry.adapters.migrate import run
from wherry_cds.tables import metadata

run(metadata)
