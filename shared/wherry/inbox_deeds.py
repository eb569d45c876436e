"""`wherry inbox replay`, `handle`, `release`, `purge`, `rekey`: each leaves an audit row."""

import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import click
from rich.console import Console
from rich.progress import Progress

from wherry import codec
from wherry.desk import What
from wherry.inbox_door import (
    Opened,
    Room,
    as_json_option,
    reason_option,
    sender_option,
    since_option,
    until_option,
)
from wherry.inbox_pages import pages
from wherry.ports import State
from wherry.retention import DAILY, Removed, said
from wherry.retention import purge as purge_pages

_AGE = re.compile(r"(\d+(?:\.\d+)?)([hd])")
_UNITS = {"h": "hours", "d": "days"}


@click.command()
@click.argument("message_ids", type=int, nargs=-1, metavar="[ID]...")
@sender_option
@reason_option
@since_option
@until_option
@click.option(
    "--state",
    default=State.ASIDE.value,
    show_default=True,
    type=click.Choice([State.ASIDE.value, State.DONE.value]),
    help="Which messages --sender, --reason, --since and --until choose from.",
)
@as_json_option
@click.pass_obj
def replay(
    open_: Opened,
    message_ids: Sequence[int],
    *,
    sender: str,
    reason: str,
    since: datetime | None,
    until: datetime | None,
    state: str,
    as_json: bool,
) -> None:
    """Put messages back to be worked on again: by id, or by sender, reason and time."""
    if bool(message_ids) == bool(sender or reason or since or until):
        raise click.UsageError("give ids, or --sender, --reason, --since, --until, and not both")
    with open_() as room:
        if message_ids:
            count = room.desk.replay(message_ids, who=room.who)
        else:
            some = partial(
                room.desk.search,
                **{"state": State(state), "sender": sender, "reason": reason},
                **{"since": since, "until": until},
            )
            count = sum(room.desk.replay(page, who=room.who) for page in pages(some))
    click.echo(codec.encode({"replayed": count}) if as_json else f"{count} replayed")
    if message_ids and count < len(set(message_ids)):
        raise click.ClickException("some ids are unknown, not finished or purged")


@click.command()
@click.argument("message_ids", type=int, nargs=-1, required=True, metavar="ID...")
@click.option("--note", required=True, help="What was done about it; kept in the audit.")
@as_json_option
@click.pass_obj
def handle(open_: Opened, message_ids: Sequence[int], *, note: str, as_json: bool) -> None:
    """Mark messages that lie aside as handled by a person."""
    with open_() as room:
        count = room.desk.handle(message_ids, who=room.who, note=note)
    click.echo(codec.encode({"handled": count}) if as_json else f"{count} handled")
    if count < len(set(message_ids)):
        raise click.ClickException("some ids are unknown or not aside")


@click.command()
@click.argument("sender")
@click.option("--source", default="", help="hl7 or devices; without it, whichever it is.")
@click.option("--note", default="", help="What was mended; kept in the audit.")
@as_json_option
@click.pass_obj
def release(open_: Opened, sender: str, *, source: str, note: str, as_json: bool) -> None:
    """Take the brake of a sender off: what waited goes on in order.

    SENDER is written as `wherry inbox feeds` does. Those that were set aside stay there:
    `wherry inbox replay --sender SENDER` puts them back.
    """
    with open_() as room:
        count = room.desk.release(sender, who=room.who, source=source, note=note)
    if not count:
        raise click.ClickException("no brake of this sender is on")
    click.echo(codec.encode({"released": count}) if as_json else f"{count} released")


@click.command()
@click.option("--older-than", default="", help="As 30d or 12h; WHERRY_INBOX_KEEP_DAYS without it.")
@click.option("--dry-run", is_flag=True, help="Only say how many bodies would go.")
@as_json_option
@click.pass_obj
def purge(open_: Opened, *, older_than: str, dry_run: bool, as_json: bool) -> None:
    """Remove the bodies of messages that are done, and in time what is left of them.

    Header, digest and state stay for WHERRY_INBOX_KEEP_ROWS_DAYS, so that a duplicate is known.
    What waits or lies aside stays. Can be stopped at any time and run again.
    """
    with open_() as room:
        settings = room.settings
        before = room.now - _age(older_than, settings.inbox_keep_days)
        rows_before = room.now - timedelta(days=settings.inbox_keep_rows_days)
        due = room.retention.how_many_bodies(before)
        removed = Removed() if dry_run else _purged(room, before, rows_before, due)
        if not dry_run:
            room.retention.note(room.who, What.PURGE, said(removed, before))
            room.chores.done(DAILY, bodies=removed.bodies, rows=removed.rows)
    counts = {"due": due, "bodies": removed.bodies, "rows": removed.rows}
    text = f"{due} bodies are due" if dry_run else f"{removed.bodies} bodies, {removed.rows} rows"
    click.echo(codec.encode(counts) if as_json else text)


def _purged(room: Room, before: datetime, rows_before: datetime, due: int) -> Removed:
    """Go through the pages; Ctrl-C ends between two."""
    so_far = Removed()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("bodies", total=due)

        def go_on(removed: Removed) -> bool:
            so_far.bodies, so_far.rows = removed.bodies, removed.rows
            progress.update(bar, completed=removed.bodies)
            return True

        try:
            purge_pages(room.retention, before=before, rows_before=rows_before, go_on=go_on)
        except KeyboardInterrupt:
            print("stopped; run it again to go on", file=sys.stderr)
    return so_far


@click.command()
@as_json_option
@click.pass_obj
def rekey(open_: Opened, *, as_json: bool) -> None:
    """Encrypt every body with the first key of WHERRY_INBOX_KEY; then the others can go.

    Bodies that are not encrypted yet are; without any key all are stored as they came.
    """
    with open_() as room:
        count = _resealed(room)
        room.retention.note(room.who, What.REKEY, f"{count} bodies")
    click.echo(codec.encode({"bodies": count}) if as_json else f"{count} bodies have the first key")


def _resealed(room: Room) -> int:
    """Go through the pages; Ctrl-C ends between two."""
    count, after = 0, 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("bodies", total=None)
        try:
            while ids := room.retention.under_other_keys(after=after):
                count += room.retention.reseal(ids)
                after = ids[-1]
                progress.update(bar, completed=count)
        except KeyboardInterrupt:
            print("stopped; run it again to go on", file=sys.stderr)
    return count


def _age(text: str, default_days: float) -> timedelta:
    if not text:
        return timedelta(days=default_days)
    found = _AGE.fullmatch(text)
    if found is None:
        raise click.BadParameter("write it as 30d or 12h", param_hint="--older-than")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})
