"""The `wherry cds` commands."""

import click

from wherry_cds.client_cli import client


@click.group()
def cds() -> None:
    """CDS Hooks: which EHRs may call."""


cds.add_command(client)
