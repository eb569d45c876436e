"""`wherry inbox`: what came in and how it stands, as lines or JSON; no message body unasked."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from wherry import codec
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry.ports import InboxDesk, Kept, State
from wherry.settings import SuiteSettings

_PAGE = 200
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_sender = click.option("--sender", default="", help="Only messages of this sender.")
_reason = click.option("--reason", default="", help="Only messages whose reason starts so.")


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
    """List, show, replay and count the messages that came in."""
    context.obj = partial(_opened, data)


@inbox.command("list")
@click.option("--aside", is_flag=True, help="Only messages set aside for a person.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@_sender
@_reason
@click.option("--after", default=0, help="Only ids above this one.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@_as_json
@click.pass_obj
def list_(
    opened: Callable[[], Any],
    *,
    aside: bool,
    state: str | None,
    sender: str,
    reason: str,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """Messages, oldest first, without their bodies."""
    wanted = State.ASIDE if aside else State(state) if state else None
    with opened() as desk:
        found = desk.search(state=wanted, sender=sender, reason=reason, after=after, limit=limit)
    for kept in found:
        click.echo(codec.encode(_facts(kept)) if as_json else _line(kept))


@inbox.command()
@click.argument("message_id", type=int)
@click.option("--body", is_flag=True, help="The message itself, which names a patient.")
@_as_json
@click.pass_obj
def show(opened: Callable[[], Any], message_id: int, *, body: bool, as_json: bool) -> None:
    """One message; its bytes only with --body."""
    with opened() as desk:
        kept = desk.get(message_id)
    facts = _facts(kept) | {
        "size_bytes": len(kept.body),
        "sha256": sha256(kept.body).hexdigest(),
        "body": _text(kept.body) if body else "(redacted; --body shows it)",
    }
    if as_json:
        click.echo(codec.encode(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:<12} {value}" if name != "body" else f"body\n{value}")


@inbox.command()
@click.argument("message_ids", type=int, nargs=-1, metavar="[ID]...")
@_sender
@_reason
@click.option(
    "--state",
    default=State.ASIDE.value,
    show_default=True,
    type=click.Choice([State.ASIDE.value, State.DONE.value]),
    help="Which messages --sender and --reason choose from.",
)
@_as_json
@click.pass_obj
def replay(
    opened: Callable[[], Any],
    message_ids: Sequence[int],
    *,
    sender: str,
    reason: str,
    state: str,
    as_json: bool,
) -> None:
    """Put messages back to be worked on again: by id, or by sender and reason."""
    if bool(message_ids) == bool(sender or reason):
        raise click.UsageError("give ids, or --sender and --reason, and not both")
    with opened() as desk:
        if message_ids:
            count = desk.replay(message_ids)
        else:
            pages = _pages(desk, State(state), sender, reason)
            count = sum(desk.replay([kept.id for kept in page]) for page in pages)
    click.echo(codec.encode({"replayed": count}) if as_json else f"{count} replayed")
    if message_ids and count < len(set(message_ids)):
        raise click.ClickException("some ids are unknown or not finished")


@inbox.command()
@_as_json
@click.pass_obj
def stats(opened: Callable[[], Any], *, as_json: bool) -> None:
    """How many messages stand where, and the age of the oldest unfinished one."""
    with opened() as desk:
        counts, oldest_s = desk.counts(), desk.oldest_waiting_s()
    rows = [
        {"source": source, "state": state.value, "count": count}
        for (source, state), count in sorted(counts.items())
    ]
    if as_json:
        click.echo(codec.encode({"counts": rows, "oldest_waiting_s": round(oldest_s, 3)}))
        return
    for row in rows:
        click.echo(f"{row['source']:<10} {row['state']:<8} {row['count']:>8}")
    click.echo(f"oldest unfinished: {oldest_s:.1f} s")


@contextmanager
def _opened(data: Path) -> Iterator[InboxDesk]:
    settings = SuiteSettings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no inbox at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    try:
        yield SqlInboxDesk(engine)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    finally:
        engine.dispose()


def _pages(desk: InboxDesk, state: State, sender: str, reason: str) -> Iterator[list[Kept]]:
    after = 0
    while page := desk.search(state=state, sender=sender, reason=reason, after=after, limit=_PAGE):
        yield page
        after = page[-1].id


def _facts(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "received_at": kept.received_at.isoformat(timespec="milliseconds"),
        "source": kept.source,
        "channel": kept.channel,
        "sender": kept.sender,
        "kind": kept.kind,
        "control_id": kept.control_id,
        "state": kept.state.value,
        "attempts": kept.attempts,
        "reason": kept.reason,
    }


def _line(kept: Kept) -> str:
    facts = _facts(kept)
    return "  ".join(
        (
            f"{kept.id:>8}",
            facts["received_at"],
            f"{kept.state.value:<8}",
            f"{kept.kind:<12}",
            f"{kept.sender:<20}",
            f"{kept.control_id:<20}",
            f"{kept.attempts}x",
            kept.reason,
        )
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
