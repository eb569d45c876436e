"""`wherry devices import-iomt`: templates of Azure's device service become one of ours."""

import sys
from pathlib import Path

import click

from wherry.codec import decode
from wherry.errors import Failure
from wherry_devices.commands.iomt import imported

_FILE = click.Path(exists=True, readable=True, dir_okay=False, path_type=Path)


@click.command(name="import-iomt")
@click.option("--id", "name", default="imported", show_default=True, help="Name of the source.")
@click.argument("device", type=_FILE)
@click.argument("fhir", type=_FILE)
def import_iomt(*, name: str, device: Path, fhir: Path) -> None:
    """Print the template that a DEVICE content and a FHIR destination template make together.

    What is wrong with them is told on stderr; exits 1 when anything is.
    """
    try:
        found = imported(decode(device.read_bytes()), decode(fhir.read_bytes()), name)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    for line in found.findings:
        click.echo(line, err=True)
    click.echo(found.text, nl=False)
    sys.exit(1 if found.findings else 0)
