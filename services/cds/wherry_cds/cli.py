"""`wherry cds`: clients, calls as an EHR makes them, and calls run again."""

import click

from wherry_cds.simulate.cli import call
from wherry_cds.simulate.replay_cli import replay


@click.group()
def cds() -> None:
    """Work with the CDS Hooks service."""


cds.add_command(call)
cds.add_command(replay)
