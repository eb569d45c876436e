"""`wherry devices lint`: templates are checked before any payload meets them."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from wherry.errors import Failure
from wherry_devices.settings import Settings
from wherry_devices.template_files import findings, json_schema, load


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of templates and end.")
def lint(*, paths: Sequence[Path], schema: bool) -> None:
    """Check the templates in PATHS, or all that the service would use; exits 1 on any finding.

    Every finding is told with file and line.
    """
    if schema:
        click.echo(json_schema())
        return
    if not paths:
        try:
            names = load(Settings().templates)
        except Failure as failure:
            click.echo(f"{failure.at}: {failure.detail}")
            sys.exit(1)
        click.echo(f"{len(names)} templates, no findings")
        return
    found = [line for path in _files(paths) for line in findings(path.read_text(), path.name)]
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)


def _files(paths: Sequence[Path]) -> list[Path]:
    inside = [sorted(path.glob("*.yaml")) if path.is_dir() else [path] for path in paths]
    return [file for files in inside for file in files]
