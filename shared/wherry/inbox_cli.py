"""`wherry inbox`: what came in and how it stands, as lines or JSON; no message body unasked."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click
import msgspec

from wherry import codec
from wherry.inbox_deeds import handle, purge, rekey, release, replay
from wherry.inbox_door import (
    Opened,
    as_json_option,
    opened,
    reason_option,
    sender_option,
    since_option,
    until_option,
)
from wherry.inbox_tables_cli import audit, feeds, stats
from wherry.ports import Kept, State
from wherry.showing import facts, shown, view_of

_COLUMNS = "{:>8}  {:<29}  {:<8}  {:<12}  {:<20}  {:<20}  {:>5}  {}"
_HEAD = ("id", "received", "state", "kind", "sender", "MSH-10", "tries", "reason")


@click.group()
@click.option(
    "--data",
    default="var",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where wherry.db is; WHERRY_DATABASE_URL goes first.",
)
@click.pass_context
def inbox(context: click.Context, data: Path) -> None:
    """List, show, replay, mark, count and purge the messages that came in."""
    context.obj = partial(opened, data)


for _command in (audit, feeds, handle, purge, rekey, release, replay, stats):
    inbox.add_command(_command)


@inbox.command("list")
@click.option("--aside", is_flag=True, help="Only messages set aside for a person.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@sender_option
@reason_option
@since_option
@until_option
@click.option("--after", default=0, help="Only ids above this one.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
@click.pass_obj
def list_(
    open_: Opened,
    *,
    aside: bool,
    state: str | None,
    sender: str,
    reason: str,
    since: datetime | None,
    until: datetime | None,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """Messages, oldest first, without their bodies."""
    wanted = State.ASIDE if aside else State(state) if state else None
    with open_() as room:
        found = room.desk.search(
            state=wanted,
            sender=sender,
            reason=reason,
            since=since,
            until=until,
            after=after,
            limit=limit,
        )
    if found and not as_json:
        click.echo(_COLUMNS.format(*_HEAD), err=True)
    for kept in found:
        click.echo(codec.encode(facts(kept)) if as_json else _line(kept))
    if len(found) == limit:
        click.echo(f"perhaps there are more: --after {found[-1].id}", err=True)


@inbox.command()
@click.argument("message_id", type=int)
@click.option("--reveal", is_flag=True, help="With all values; leaves an audit row.")
@click.option("--note", default="", help="Why it is revealed, for the audit row.")
@as_json_option
@click.pass_obj
def show(open_: Opened, message_id: int, *, reveal: bool, note: str, as_json: bool) -> None:
    """One message beside its FHIR; each value an x, unless --reveal."""
    with open_() as room:
        desk = room.desk
        kept = desk.reveal(message_id, who=room.who, note=note) if reveal else desk.get(message_id)
        deeds = desk.audit(message_id=message_id)
    told = shown(kept, view_of(kept.source), revealed=reveal)
    told["audit"] = [f"{deed.at:%Y-%m-%dT%H:%M:%SZ} {deed.who} {deed.what}" for deed in deeds]
    if as_json:
        click.echo(codec.encode(told))
        return
    for name, value in told.items():
        click.echo(_told(name, value))


def _told(name: str, value: object) -> str:
    """One fact for people: what is long has lines of its own."""
    if name == "body":
        return f"body\n{value}"
    if isinstance(value, str | int):
        return f"{name:<12} {value}"
    text = codec.encode(value)
    if name in {"bundle", "outcome"}:
        text = b"\n" + msgspec.json.format(text, indent=2)
    return f"{name:<12} {text.decode()}"


def _line(kept: Kept) -> str:
    return _COLUMNS.format(
        kept.id,
        facts(kept)["received_at"],
        kept.state.value,
        kept.kind,
        kept.sender,
        kept.control_id,
        kept.attempts,
        kept.reason,
    )
