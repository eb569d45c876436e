"""The `wherry cds` commands."""

import click

from wherry_cds.audit_cli import audit
from wherry_cds.client_cli import client
from wherry_cds.policy_cli import policy
from wherry_cds.simulate.cli import call
from wherry_cds.simulate.replay_cli import replay


@click.group()
def cds() -> None:
    """CDS Hooks: which EHRs may call, calls as they make them, and calls run again."""


cds.add_command(client)
cds.add_command(call)
cds.add_command(replay)
cds.add_command(policy)
cds.add_command(audit)
