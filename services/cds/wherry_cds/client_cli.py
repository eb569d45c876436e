"""`wherry cds client`: EHRs are registered, listed, checked and removed."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_cds.clients import trying
from wherry_cds.clients.client import Client
from wherry_cds.clients.keys_http import HttpFetch
from wherry_cds.clients.profile import PROFILES
from wherry_cds.clients.registry import SqlClients, read_file
from wherry_cds.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def client() -> None:
    """EHRs that may call the CDS service.

    They are kept in the database (WHERRY_DATABASE_URL); a running service knows them within five
    seconds. Those of the file WHERRY_CDS_CLIENTS are listed and checked too, and changed there.
    """


@client.command()
@click.argument("id_", metavar="ID")
@click.option("--iss", required=True, help="Who signs: `iss` of its tokens.")
@click.option("--tenant", default="", help="Our name for whom it speaks; the id without it.")
@click.option("--profile", type=click.Choice(list(PROFILES)), default="strict", show_default=True)
@click.option("--jku", multiple=True, help="Address of a key set; may be given several times.")
@click.option("--jwks", type=_FILE, help="File with its public keys, in place of an address.")
@click.option("--sub", default="", help="`sub` that its tokens must have.")
@click.option("--claim", "claims", multiple=True, help="`tenant` claim that is let in.")
@click.option("--aud", "aud_aliases", multiple=True, help="`aud` beside our own addresses.")
@click.option("--alg", "algs", multiple=True, help="Algorithm, in place of the profile's.")
@click.option("--hook", "hooks", multiple=True, help="Hook that it may fire; all without it.")
@click.option("--fhir-server", "fhir_servers", multiple=True, help="FHIR server of its own.")
@click.option("--cds-version", type=click.Choice(["2.0", "3.0"]), default="2.0")
def add(id_: str, jwks: Path | None, **given: Any) -> None:
    """Register ID, an EHR."""
    value: dict[str, Any] = {"id": id_}
    value |= {
        name: list(one) if isinstance(one, tuple) else one for name, one in given.items() if one
    }
    with _safely(), _rows() as (rows, fixed):
        if jwks:
            value["jwks"] = decode(jwks.read_bytes())
        rows.add(value, fixed)
    click.echo(f"{id_} is registered. Try it: wherry cds client check {id_}", err=True)


@client.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_(as_json: bool) -> None:
    """Say who is registered, and where."""
    with _safely(), _rows() as (rows, fixed):
        for origin, clients in (("file", fixed), ("database", rows.all())):
            for one in clients:
                told = {
                    "id": one.id,
                    "tenant": one.tenant,
                    "profile": one.profile.name,
                    "cds_version": one.cds_version,
                    "enabled": one.enabled,
                    "iss": one.iss,
                    "jku": sorted(one.jku),
                    "from": origin,
                }
                click.echo(encode(told) if as_json else "\t".join(_texts(told)))


@client.command()
@click.argument("id_", metavar="ID")
def remove(id_: str) -> None:
    """Forget ID; within five seconds it is not let in any more."""
    with _safely(), _rows() as (rows, _):
        gone = rows.remove(id_)
    if not gone:
        click.echo(f"{id_} is not in the database.", err=True)
    sys.exit(0 if gone else 1)


@client.command()
@click.argument("id_", metavar="ID")
@click.option("--token", default="", help="A token that it made.")
@click.option("--from-input", is_flag=True, help="Read the token from the input.")
@click.option("--endpoint", default="", help="The address that it was made for; else its own aud.")
def check(id_: str, token: str, *, from_input: bool, endpoint: str) -> None:
    """Fetch the key sets of ID as the service would; with a token, say which rule it breaks.

    No token is used up by this, and none is printed.
    """
    settings = Settings()
    text = sys.stdin.read().strip() if from_input else token
    with _safely(), _rows() as (rows, fixed):
        everyone = [*fixed, *rows.all()]
        one = trying.named(everyone, id_)
        fetch = HttpFetch(settings.key_networks)
        found = [*trying.key_sets(one, fetch)]
        if text:
            found += trying.token(
                text,
                one,
                everyone,
                fetch=fetch,
                bases=settings.bases,
                endpoint=endpoint,
                ticks=time.monotonic,
                now_s=SystemClock().now().timestamp(),
            )
    for finding in found:
        click.echo(f"{'good' if finding.good else 'WRONG'}\t{finding.rule}\t{finding.text}")
    sys.exit(0 if all(finding.good for finding in found) else 1)


def _texts(told: dict[str, Any]) -> list[str]:
    listed = {**told, "jku": " ".join(told["jku"]) or "keys by hand"}
    listed["enabled"] = "on" if told["enabled"] else "off"
    return [str(value) for value in listed.values()]


@contextmanager
def _rows() -> Iterator[tuple[SqlClients, tuple[Client, ...]]]:
    settings = Settings()
    engine: Engine = make_engine(settings.database_url)
    try:
        yield SqlClients(engine), read_file(settings.clients)
    finally:
        engine.dispose()


@contextmanager
def _safely() -> Iterator[None]:
    """Failures become one line and exit code 1."""
    try:
        yield
    except Failure as failure:
        click.echo(f"{failure.at or 'failed'}: {failure.detail}", err=True)
        sys.exit(1)
