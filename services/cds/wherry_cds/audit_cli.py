"""`wherry cds audit`: decisions about cards, deeds of persons, and tickets on data, as lines."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from sqlalchemy import Engine

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry.codec import encode
from wherry.errors import Failure
from wherry.purging import purge as purged
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.keeping_sql import SqlRowKeeper
from wherry_cds.board.sql import SqlBoard
from wherry_cds.desk_json import of_burden, of_deed, of_row
from wherry_cds.keeping import LEAST_DAYS, noted
from wherry_cds.migrate import upgrade
from wherry_cds.settings import Settings
from wherry_cds.silent import Burden, Tally

_PAGE = 500


@click.group()
def audit() -> None:
    """What was decided about cards, and who did what."""


@audit.command()
@click.option("--tenant", default="", help="Tenant; without one, all of them.")
@click.option("--after", default=0, show_default=True, help="Only rows above this id.")
@click.option("--suppressed", is_flag=True, help="Only what was not shown.")
def decisions(tenant: str, after: int, *, suppressed: bool) -> None:
    """Print each decision as a line of JSON, oldest first."""
    with _safely(), _engine() as engine:
        board = SqlBoard(engine)
        while rows := board.rows(tenant, after=after, limit=_PAGE):
            for row in rows:
                if not (suppressed and row.shown):
                    click.echo(encode({"tenant": row.about.tenant, **of_row(row)}).decode())
            after = rows[-1].id


@audit.command()
@click.option("--tenant", default="", help="Tenant; without one, all of them.")
@click.option("--after", default=0, show_default=True, help="Only rows above this id.")
def deeds(tenant: str, after: int) -> None:
    """Print each deed, refusal and reading as a line of JSON, oldest first."""
    with _safely(), _engine() as engine:
        kept = SqlAudit(engine)
        while rows := kept.rows(tenant, after=after, limit=_PAGE):
            for row in rows:
                click.echo(encode({"tenant": row.tenant, **of_deed(row)}).decode())
            after = rows[-1].id


@audit.command()
@click.option("--tenant", required=True, help="Tenant.")
def tickets(tenant: str) -> None:
    """Print open tickets: somebody said that the data of a card are wrong."""
    with _safely(), _engine() as engine:
        for one in SqlBoard(engine).tickets(tenant):
            told = {"id": one.id, "card": one.card, "service": one.service}
            click.echo(encode({**told, "opened": one.opened.isoformat()}).decode())


@audit.command("close-ticket")
@click.argument("id_", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--by", required=True, help="Who looked at the data.")
@click.option("--tenant", default="", help="Refuse it when it is another tenant's.")
def close_ticket(id_: int, by: str, tenant: str) -> None:
    """Close a ticket: somebody looked at the data that were doubted."""
    if not by.strip():
        raise click.BadParameter("a name is needed", param_hint="--by")
    with _safely(), _engine() as engine:
        at = SystemClock().now()
        if not SqlBoard(engine).close_ticket(tenant, id_, by=by.strip(), at=at):
            raise click.ClickException("there is no such open ticket")
    click.echo(f"closed: ticket {id_}")


@audit.command()
@click.option(
    "--older-than-days",
    type=click.FloatRange(LEAST_DAYS),
    help="Default: WHERRY_CDS_KEEP_DAYS.",
)
def purge(older_than_days: float | None) -> None:
    """Remove rows older than the site keeps them, for good; not what open tickets are about."""
    days = Settings().keep_days if older_than_days is None else older_than_days
    before = SystemClock().now() - timedelta(days=days)
    with _safely(), _engine() as engine:
        removed = purged(SqlRowKeeper(engine), before=before, go_on=lambda: True)
        noted(SqlAudit(engine), f"os:{getpass.getuser()}", removed, before)
    click.echo(f"{removed} rows from before {before:%Y-%m-%d}")


@audit.command()
@click.option("--tenant", required=True, help="Tenant.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def silent(tenant: str, days: int, *, as_json: bool) -> None:
    """Print how many cards silent mode held back, by level and model version.

    Figures are for each service over the calls of policies in silent mode: cards for 100 scored
    calls, and for each patient and day.
    """
    since, tally, after = SystemClock().now() - timedelta(days=days), Tally(), 0
    with _safely(), _engine() as engine:
        board = SqlBoard(engine)
        while rows := board.rows(tenant, after=after, limit=_PAGE, since=since):
            tally.add(rows)
            after = rows[-1].id
    burdens = tally.burdens()
    if not burdens and not as_json:
        click.echo(f"no card of {tenant} was held back by silent mode in {days} days")
    for one in burdens:
        click.echo(encode(of_burden(one)).decode() if as_json else _in_words(one))


def _in_words(one: Burden) -> str:
    return (
        f"{one.service} {one.model} {one.version} {one.level}: {one.cards} cards; "
        f"{one.per_100_calls:.1f} per 100 calls ({one.calls}), "
        f"{one.per_patient_day:.2f} per patient-day ({one.patient_days})"
    )


@contextmanager
def _engine() -> Iterator[Engine]:
    """The database, with up-to-date tables."""
    url = Settings().database_url
    upgrade(url)
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _safely() -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
