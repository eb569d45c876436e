"""`wherry smart`: the client's keys are changed, and an EHR is tried before anybody is launched."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from wherry.adapters.clock import SystemClock
from wherry.codec import encode
from wherry.errors import Failure
from wherry_smart.key_ring import KeyRing
from wherry_smart.protocol.client import ALGORITHMS, ES384, key_set
from wherry_smart.settings import Settings
from wherry_smart.trying import Said, tried
from wherry_smart.wiring import authorization, known_ehrs

_ALGORITHM = click.option(
    "--alg", type=click.Choice(ALGORITHMS), default=ES384, show_default=True, help="Kind of key."
)
_NOW = click.option(
    "--now", "at_once", is_flag=True, help="Do not wait for EHRs that may hold the old key set."
)


@click.group()
def smart() -> None:
    """The SMART launch host: its keys, and the EHRs that may launch it."""


@smart.group()
def keys() -> None:
    """The keys by which EHRs know the app (WHERRY_SMART_DATA_DIR, else var/smart).

    A change takes three steps: publish, promote an hour later, retire an hour after that. A running
    host follows at once. After a leak, --now leaves out the waiting.
    """


@keys.command("list")
def list_() -> None:
    """Say which keys are there; nothing private is shown."""
    table = Table("algorithm", "place", "kid", "since")
    with _safely():
        for each in _ring().held():
            since = SystemClock().now().timestamp() - each.since_s
            table.add_row(
                each.algorithm, each.place, each.key.thumbprint(), f"{since / 3600:.1f} h"
            )
    Console().print(table)


@keys.command()
def jwks() -> None:
    """Print the key set, for EHRs that want it by value."""
    with _safely():
        click.echo(encode(key_set(_ring().public())))


@keys.command()
@_ALGORITHM
def publish(alg: str) -> None:
    """Make the next key and host it beside the present one; it does not sign yet."""
    with _safely():
        click.echo(f"published {_ring().publish(alg).thumbprint()}; promote it in an hour")


@keys.command()
@_ALGORITHM
@_NOW
def promote(alg: str, *, at_once: bool) -> None:
    """Sign with the next key; the present one stays hosted as the old one."""
    with _safely():
        now_s = SystemClock().now().timestamp()
        key = _ring().promote(alg, now_s=now_s, at_once=at_once)
        click.echo(f"signing with {key.thumbprint()}; retire the old key in an hour")


@keys.command()
@_ALGORITHM
@_NOW
def retire(alg: str, *, at_once: bool) -> None:
    """Remove the old key."""
    with _safely():
        _ring().retire(alg, now_s=SystemClock().now().timestamp(), at_once=at_once)
        click.echo("the old key is gone")


@smart.command()
@click.argument("iss")
@click.option("--scope", default="", help="Scopes of a backend service, such as system/Patient.rs.")
def check(iss: str, scope: str) -> None:
    """Try the EHR at ISS, a FHIR base with a profile: discovery, addresses, algorithms.

    With --scope a token is asked for as a backend service (SMART Backend Services), which proves
    that the EHR has our key; it is revoked at once where the EHR does that, and never shown.
    """
    settings = Settings()
    with _safely():
        profile = known_ehrs(settings).of(iss)
        said = tried(authorization(settings), profile, scope=scope)
    mark = {Said.GOOD: "[green]yes[/]", Said.BAD: "[red]no[/]", Said.OPEN: "[yellow]unknown[/]"}
    for line in said:
        Console().print(f"{mark[line.said]:<20} {escape(line.text)}")
    sys.exit(1 if any(line.said is Said.BAD for line in said) else 0)


def _ring() -> KeyRing:
    return KeyRing(Settings().data_dir)


@contextmanager
def _safely() -> Iterator[None]:
    """Failures become one line and exit code 1."""
    try:
        yield
    except Failure as failure:
        click.echo(f"{failure.at}: {failure.detail}", err=True)
        sys.exit(1)
