"""The `wherry ehr` commands: resources go in and come out, and apps are registered."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click

from wherry.adapters.http import session
from wherry.errors import Failure
from wherry_ehr.client_cli import client
from wherry_ehr.exchange import Server, bundle_of, exported, imported, read_file
from wherry_ehr.settings import Settings

P = ParamSpec("P")


@click.group()
def ehr() -> None:
    """The sandbox EHR, a development and test tool: import, export, register apps."""


ehr.add_command(client)


def _server(url: str) -> Server:
    settings = Settings()
    token = settings.fhir_token.get_secret_value() if settings.fhir_token else ""
    return Server((url or settings.fhir_url).rstrip("/"), session(token=token, read_s=60.0))


def _or_say_why(command: Callable[P, None]) -> Callable[P, None]:
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Failure as failure:
            sys.exit(f"{failure.at or 'failed'}: {failure.detail}")

    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


@ehr.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--url", default="", help="Base of the FHIR server; WHERRY_FHIR_URL without it.")
@_or_say_why
def import_(paths: tuple[Path, ...], url: str) -> None:
    """Store resources, Bundles (*.json) and NDJSON (*.ndjson); directories are walked for both.

    A transaction or batch is carried out as it is. Of all else, what has an id is stored under it,
    so that importing twice changes nothing. Ends at the first file that cannot be stored.
    """
    server, total = _server(url), 0
    for path in paths:
        for file in _files(path):
            stored = imported(server, read_file(file))
            click.echo(f"{file}: {stored} stored", err=True)
            total += stored
    click.echo(total)


@ehr.command()
@click.option("--type", "types", multiple=True, help="Resource type; all without it.")
@click.option("--bundle", is_flag=True, help="One Bundle of type collection instead of NDJSON.")
@click.option("--url", default="", help="Base of the FHIR server; WHERRY_FHIR_URL without it.")
@_or_say_why
def export(types: tuple[str, ...], bundle: bool, url: str) -> None:
    """Print what the server holds, one resource a line, as the server wrote it."""
    texts = exported(_server(url), types)
    if bundle:
        click.echo(bundle_of(list(texts)))
        return
    for text in texts:
        click.echo(text)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(one for one in path.rglob("*") if one.suffix in {".json", ".ndjson"})
