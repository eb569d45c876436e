"""`wherry risk records`: remove old ones, seal them with another key, see who read them."""

import getpass
from datetime import timedelta
from pathlib import Path

import click

from wherry.adapters.clock import SystemClock
from wherry.codec import encode
from wherry.purging import purge as purged
from wherry_risk.records import ScoreDeed
from wherry_risk.records_keeping import said
from wherry_risk.replay_cli import data, opened

_PAGE = 500


@click.group()
def records() -> None:
    """Score records: how long they stay, under which key, and who read them."""


@records.command()
@click.option(
    "--older-than-days",
    type=click.FloatRange(0),
    help="Default: WHERRY_RISK_RECORDS_KEEP_DAYS.",
)
@data
def purge(older_than_days: float | None, data: Path) -> None:
    """Remove records older than the site keeps them, for good."""
    with opened(data) as room:
        days = room.settings.records_keep_days if older_than_days is None else older_than_days
        before = SystemClock().now() - timedelta(days=days)
        removed = purged(room.keeper, before=before, go_on=lambda: True)
        if removed:
            room.audit.note(who(), "purge", note=said(removed, before))
    click.echo(said(removed, before))


@records.command()
@data
def rekey(data: Path) -> None:
    """Seal all records with the first key of WHERRY_INBOX_KEY; then older keys may go."""
    count = 0
    with opened(data) as room:
        while page := room.keeper.reseal():
            count += page
        if count:
            room.audit.note(who(), "rekey", note=f"{count} records")
    click.echo(f"{count} records sealed")


@records.command()
@data
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def audit(data: Path, *, as_json: bool) -> None:
    """Who read, replayed or removed records, oldest first; patients by a keyed hash only."""
    after = 0
    with opened(data) as room:
        while page := room.audit.deeds(after=after, limit=_PAGE):
            for deed in page:
                click.echo(encode(_facts(deed)) if as_json else _line(deed))
            after = page[-1].id


def who() -> str:
    """The account that acts."""
    return f"os:{getpass.getuser()}"


def _facts(deed: ScoreDeed) -> dict[str, object]:
    return {
        "id": deed.id,
        "at": deed.at.isoformat(timespec="seconds"),
        "who": deed.who,
        "what": deed.what,
        "record": deed.record_id,
        "patient_key": deed.patient_key,
        "note": deed.note,
    }


def _line(deed: ScoreDeed) -> str:
    about = deed.record_id or deed.patient_key[:16]
    return f"{deed.at:%Y-%m-%d %H:%M:%S}  {deed.who}  {deed.what}  {about}  {deed.note}".rstrip()
