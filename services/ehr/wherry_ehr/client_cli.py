"""`wherry ehr client`: apps and services are registered, listed, checked and removed."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_ehr.auth.clients import NONE, SECRET, Client, hashed
from wherry_ehr.auth.registry import Registered, read_client, read_clients
from wherry_ehr.auth.scopes import granted
from wherry_ehr.settings import Settings
from wherry_ehr.store.sql_store import open_store
from wherry_ehr.wiring import started_with

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def client() -> None:
    """Registrations of SMART apps and backend services.

    They are kept in the sandbox's database (WHERRY_EHR_DATABASE_URL, else var/ehr.db); a running
    sandbox knows them at once.
    """


@client.command()
@click.argument("client_id")
@click.option("--name", help="What people see; the id when it is left out.")
@click.option("--launch-url", default="", help="Where the chart opens the app.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="May be given several times.")
@click.option("--scope", required=True, help="All that it may ask for.")
@click.option("--auth", type=click.Choice(["key", "secret", "public"]), default="key")
@click.option("--jwks-uri", default="", help="Address of its keys.")
@click.option("--jwks", type=_FILE, help="File with its keys.")
@click.option("--quirks", type=click.Choice(["", "epic", "oracle"]), default="")
def add(client_id: str, name: str | None, auth: str, jwks: Path | None, **given: Any) -> None:
    """Register CLIENT_ID. A secret is made and printed once; only its hash is kept."""
    secret = secrets.token_urlsafe(32) if auth == "secret" else ""
    value = {
        "client_id": client_id,
        "name": name or client_id,
        "auth_method": {"key": "private_key_jwt", "secret": SECRET, "public": NONE}[auth],
        "secret_sha256": hashed(secret) if secret else "",
        **given,
    }
    with _safely(), _registered() as registered:
        if jwks:
            value["jwks"] = decode(jwks.read_bytes())
        registered.add(read_client(value))
    click.echo(f"{client_id} is registered.", err=True)
    click.echo(encode({"client_id": client_id, **({"client_secret": secret} if secret else {})}))


@client.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_(as_json: bool) -> None:
    """Say who is registered; secrets are not kept and not shown."""
    with _safely(), _registered() as registered:
        for one in registered.all():
            if as_json:
                click.echo(encode({**msgspec.to_builtins(one), "secret_sha256": ""}))
            else:
                click.echo(f"{one.client_id}\t{one.auth_method}\t{one.name}\t{one.scope}")


@client.command()
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Say whether FILE, a JSON list of registrations, can be used as WHERRY_EHR_CLIENTS."""
    with _safely():
        clients = read_clients(file)
    lost = [(one.client_id, word) for one in clients for word in _not_understood(one)]
    for client_id, word in lost:
        click.echo(f"{client_id}: the scope {word} means nothing here", err=True)
    click.echo(f"{len(clients)} registrations can be used.", err=True)
    sys.exit(1 if lost else 0)


@client.command()
@click.argument("client_id")
def remove(client_id: str) -> None:
    """Forget CLIENT_ID, and end its refresh tokens."""
    with _safely(), _registered() as registered:
        gone = registered.remove(client_id)
    if not gone:
        click.echo(f"{client_id} was not added here.", err=True)
    sys.exit(0 if gone else 1)


def _not_understood(one: Client) -> list[str]:
    """Scopes that would never be granted, however an app asks for them."""
    return [word for word in one.scope.split() if not granted(word, word)]


@contextmanager
def _registered() -> Iterator[Registered]:
    settings = Settings()
    store = open_store(settings.database_url)
    try:
        store.ping()
        yield Registered(store.engine, started_with(settings))
    finally:
        store.close()


@contextmanager
def _safely() -> Iterator[None]:
    """Failures become one line and exit code 1."""
    try:
        yield
    except Failure as failure:
        click.echo(f"{failure.at}: {failure.detail}", err=True)
        sys.exit(1)
