"""The `wherry devices` commands."""

import click

from wherry_devices.commands.apple_cli import send_export
from wherry_devices.commands.bind import bind
from wherry_devices.commands.connect_cli import connect, connections, disconnect, fetch_now
from wherry_devices.commands.convert import convert
from wherry_devices.commands.derive_cli import derive
from wherry_devices.commands.freshness_cli import freshness
from wherry_devices.commands.iomt_cli import import_iomt
from wherry_devices.commands.lint_cli import lint


@click.group()
def devices() -> None:
    """Device readings: convert payloads to FHIR, bind devices to patients."""


devices.add_command(bind)
devices.add_command(convert)
devices.add_command(derive)
devices.add_command(freshness)
devices.add_command(lint)
devices.add_command(send_export)
devices.add_command(import_iomt)
for _command in (connect, connections, disconnect, fetch_now):
    devices.add_command(_command)
