"""`wherry inbox replay`, `handle`, `purge` and `rekey`: what an operator does, with a trace."""

import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import click
from rich.console import Console
from rich.progress import Progress

from wherry import codec
from wherry.desk import What
from wherry.inbox_door import (
    Opened,
    as_json_option,
    reason_option,
    sender_option,
    since_option,
    until_option,
)
from wherry.inbox_pages import pages
from wherry.ports import State

_AGE = re.compile(r"(\d+(?:\.\d+)?)([hd])")
_UNITS = {"h": "hours", "d": "days"}

Page = Callable[[int], list[int]]
"""The ids that are due above one."""


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
        done = {"bodies": 0, "rows": 0}
        if not dry_run:
            keeper = room.retention
            bodies = ("bodies", lambda a: keeper.bodies(before, after=a), keeper.forget)
            rows = ("rows", lambda a: keeper.rows(rows_before, after=a), keeper.drop)
            _work(done, [bodies, rows], due)
            note = f"{done['bodies']} bodies, {done['rows']} rows, from before {before:%Y-%m-%d}"
            room.retention.note(room.who, What.PURGE, note)
    said = {"due": due, **done}
    text = f"{due} bodies are due" if dry_run else f"{done['bodies']} bodies, {done['rows']} rows"
    click.echo(codec.encode(said) if as_json else text)


@click.command()
@as_json_option
@click.pass_obj
def rekey(open_: Opened, *, as_json: bool) -> None:
    """Encrypt every body with the first key of WHERRY_INBOX_KEY; then the others can go.

    Bodies that are not encrypted yet are; without any key all are stored as they came.
    """
    done = {"bodies": 0}
    with open_() as room:
        retention = room.retention
        step = ("bodies", lambda a: retention.under_other_keys(after=a), retention.reseal)
        _work(done, [step], None)
        retention.note(room.who, What.REKEY, f"{done['bodies']} bodies")
    click.echo(codec.encode(done) if as_json else f"{done['bodies']} bodies have the first key")


def _work(
    done: dict[str, int],
    steps: Sequence[tuple[str, Page, Callable[[Sequence[int]], int]]],
    total: int | None,
) -> None:
    """Go through the pages of each step, counting what was done; Ctrl-C ends between two pages."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("bodies", total=total)
        try:
            for name, page, deal in steps:
                after = 0
                while ids := page(after):
                    done[name] += deal(ids)
                    after = ids[-1]
                    progress.update(bar, completed=done["bodies"])
        except KeyboardInterrupt:
            print("stopped; run it again to go on", file=sys.stderr)


def _age(text: str, default_days: float) -> timedelta:
    if not text:
        return timedelta(days=default_days)
    found = _AGE.fullmatch(text)
    if found is None:
        raise click.BadParameter("write it as 30d or 12h", param_hint="--older-than")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})
