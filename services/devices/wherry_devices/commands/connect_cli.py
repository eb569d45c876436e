"""`wherry devices connect, connections, disconnect, fetch`: accounts at vendors' clouds."""

import signal
import sys
from threading import Event

import click

from wherry.adapters.clock import new_id
from wherry.codec import encode
from wherry.errors import Failure
from wherry.logs import configure
from wherry_devices.accounts.connections import Ended, Lent
from wherry_devices.accounts.fetching import Span, fetch
from wherry_devices.commands.service_cli import called, url_option
from wherry_devices.deps import Deps
from wherry_devices.settings import Settings
from wherry_devices.wiring import wire

_PATH = "/v1/connections"
_COLUMNS = "{:<36}  {:<14}  {:<20}  {:<8}  {:<25}  {:>8}  {}"
_HEAD = ("id", "source", "patient", "state", "fetched", "failures", "trouble")


@click.command()
@click.option("--source", required=True, help="Name of the source, as withings.")
@click.option("--patient", required=True, help="The id of the FHIR Patient.")
@click.option("--verified-by", required=True, help="Who made sure that it is this patient's.")
@url_option
def connect(*, source: str, patient: str, verified_by: str, url: str) -> None:
    """Print the address on which a patient consents; it works once, for a quarter of an hour."""
    asked = {"source": source, "patient": patient, "verified_by": verified_by}
    click.echo(called("POST", url + _PATH, body=asked)["authorize_url"])


@click.command()
@click.option("--patient", help="Only of this patient.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, all of it.")
@url_option
def connections(*, patient: str | None, as_json: bool, url: str) -> None:
    """List connected accounts and how their fetches go; no token is shown."""
    query = {"patient": patient} if patient else {}
    found = called("GET", url + _PATH, query=query)
    if as_json:
        click.echo(encode(found))
        return
    click.echo(_COLUMNS.format(*_HEAD).rstrip())
    for one in found["connections"]:
        names = ("id", "source", "patient", "state", "fetched_at", "failures", "trouble")
        fields = ("-" if one[name] is None else str(one[name]) for name in names)
        click.echo(_COLUMNS.format(*fields).rstrip())


@click.command()
@click.argument("connection_id")
@click.option("--by", required=True, help="Who ends it.")
@url_option
def disconnect(*, connection_id: str, by: str, url: str) -> None:
    """End a connection: tokens erased, binding ended, the vendor told where it listens."""
    answer = called("DELETE", f"{url}{_PATH}/{connection_id}", query={"by": by})
    told = "the vendor was told" if answer["vendor_told"] else "the vendor was not told"
    click.echo(f"ended; {told}")


@click.command("fetch")
@click.argument("connection_id")
def fetch_now(*, connection_id: str) -> None:
    """Fetch one connection now, due or not, refused or not; needs the service's own settings.

    A refused connection that works after all is active again.
    """
    settings, stopped = Settings(), Event()
    configure("devices-fetch", "warning")
    signal.signal(signal.SIGINT, lambda _signum, _frame: stopped.set())
    try:
        sys.exit(fetch_one(wire(settings), connection_id, stopped))
    except Failure as failure:
        raise click.ClickException(failure.detail) from None


def fetch_one(needs: Deps, connection_id: str, stopped: Event) -> int:
    """Fetch until nothing is left; the exit code, 0 when all went well."""
    while True:
        lent = _lent(needs, connection_id)
        ended = fetch(lent, needs, stopping=stopped.is_set, told=_tell)
        if not _goes_on(ended, stopped):
            return _told(ended)


def _lent(needs: Deps, connection_id: str) -> Lent:
    span, sources = Span(), sorted(needs.clouds.registrations)
    lent = needs.clouds.fetches.claim(
        sources, owner=new_id(), lease_s=span.lease_s, only=connection_id
    )
    if lent is None:
        raise click.ClickException(
            "no such connection, it was ended, its vendor is not set up, or it is fetched just now"
        )
    return lent


def _goes_on(ended: Ended | None, stopped: Event) -> bool:
    return bool(ended and ended.trouble is None and not ended.again_s) and not stopped.is_set()


def _told(ended: Ended | None) -> int:
    if ended is None:
        click.echo("somebody else has it now, or it was ended", err=True)
        return 1
    click.echo(f"ended: {ended.outcome}")
    return 0 if ended.trouble is None else 1


def _tell(pages: int) -> None:
    click.echo(f"{pages} {'page' if pages == 1 else 'pages'} kept")
