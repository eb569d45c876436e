"""Runs the migrations of the device tables for `wherry.adapters.migrate`."""

from wherry.adapters.migrate import run
from wherry_devices.duplicates.path_tables import metadata

run(metadata)
