"""`wherry cds policy`: what holds, whether a file is sound, and the kill switch."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry_cds.board import switches_sql
from wherry_cds.migrate import upgrade
from wherry_cds.policy.files import load, of_file, schema
from wherry_cds.policy.policy import ServicePolicy, fingerprint
from wherry_cds.protocol.catalogue import SERVICES
from wherry_cds.settings import Settings

_IDS = sorted({one.id for one in SERVICES})
_TENANT = click.option("--tenant", default="", help="Tenant; without one, all of them.")
_SERVICE = click.option("--service", type=click.Choice(_IDS), help="Service; without one, all.")
_WHO = click.option("--who", required=True, help="Who does it, for the audit.")


@click.group()
def policy() -> None:
    """By which policy cards are shown."""


@policy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint(file: Path) -> None:
    """Check a policy FILE; exit code 1 with everything that is wrong."""
    try:
        found = of_file(file)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    names = ", ".join(found.tenants) or "none by name"
    click.echo(f"{file}: sound; tenants: {names}")


@policy.command()
@_TENANT
def show(tenant: str) -> None:
    """Print what holds for a tenant, with the fingerprint that decisions name."""
    try:
        found = load(Settings().policy).of(tenant)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    told = {
        "tenant": tenant or "any other",
        "covers": found.covers,
        "roles": found.roles,
        "units": found.units,
        "services": {
            name: {
                "fingerprint": fingerprint(found.of(name)),
                **msgspec.to_builtins(found.of(name)),
            }
            for name in _IDS
        },
    }
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


def _told(held: ServicePolicy) -> dict[str, Any]:
    return {"fingerprint": fingerprint(held), **msgspec.to_builtins(held)}


@policy.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a policy file."""
    sys.stdout.write(schema())


@policy.command()
@_TENANT
@_SERVICE
@_WHO
@click.option("--reason", required=True, help="Why.")
def off(tenant: str, service: str | None, who: str, reason: str) -> None:
    """Throw the kill switch: at the next call, without a restart."""
    settings = Settings()
    try:
        upgrade(settings.database_url)
        engine = make_engine(settings.database_url)
        at = SystemClock().now()
        switches_sql.throw(engine, tenant, service or "", who=who, reason=reason, at=at)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    click.echo(f"off: {service or 'all services'} of {tenant or 'all tenants'}")


@policy.command()
@_TENANT
@_SERVICE
@_WHO
def on(tenant: str, service: str | None, who: str) -> None:
    """Put the kill switch back; what a policy or WHERRY_CDS_OFF switches off stays off."""
    settings = Settings()
    try:
        upgrade(settings.database_url)
        engine = make_engine(settings.database_url)
        done = switches_sql.put_back(engine, tenant, service or "", who=who, at=SystemClock().now())
        left = switches_sql.thrown(engine)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    if not done:
        raise click.ClickException("no such switch was thrown")
    click.echo(f"on: {service or 'all services'} of {tenant or 'all tenants'}")
    for other_tenant, other, by, reason in left:
        click.echo(f"still off: {other or 'all'} of {other_tenant or 'all'}, by {by}: {reason}")
