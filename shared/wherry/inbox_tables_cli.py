"""`wherry inbox stats`, `feeds` and `audit`: counts, senders and deeds as lines or JSON."""

from datetime import UTC, datetime

import click

from wherry import codec
from wherry.feeds import Feed, feeds_of
from wherry.inbox_door import Opened, as_json_option


@click.command()
@as_json_option
@click.pass_obj
def stats(open_: Opened, *, as_json: bool) -> None:
    """How many messages stand where, and the age of the oldest unfinished one."""
    with open_() as room:
        counts, oldest_s = room.desk.counts(), room.desk.oldest_waiting_s()
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


@click.command()
@as_json_option
@click.pass_obj
def feeds(open_: Opened, *, as_json: bool) -> None:
    """Each sender: last message, rate, lag, what waits or lies aside, unknown codes, clock."""
    with open_() as room:
        found = feeds_of(room.desk, room.tally)
    for feed in found:
        click.echo(codec.encode(feed.as_json()) if as_json else _feed(feed))


@click.command()
@click.argument("message_id", type=int, required=False, default=0)
@click.option("--after", default=0, help="Only rows above this one.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
@click.pass_obj
def audit(open_: Opened, message_id: int, *, after: int, limit: int, as_json: bool) -> None:
    """Who revealed, replayed or marked what, and when; of one message or of all."""
    with open_() as room:
        found = room.desk.audit(message_id=message_id, after=after, limit=limit)
    for deed in found:
        at = deed.at.isoformat(timespec="milliseconds")
        if as_json:
            row = {"id": deed.id, "at": at, "who": deed.who, "what": deed.what.value}
            click.echo(codec.encode(row | {"message": deed.message_id, "note": deed.note}))
        else:
            click.echo(f"{at}  {deed.who:<16} {deed.what:<8} {deed.message_id:>8}  {deed.note}")


def _feed(feed: Feed) -> str:
    said = feed.status
    skew = "unknown" if feed.skew_s is None else f"{feed.skew_s:+.0f} s"
    line = (
        f"{said.source}  {said.sender:<24} last {said.last_at:%Y-%m-%d %H:%M:%S}"
        f"  {said.per_minute:.1f}/min  lag {said.lag_s:.1f} s  waiting {said.waiting}"
        f"  aside {said.aside}  unknown codes {feed.unknown_codes}  clock {skew}"
    )
    if said.brake is None:
        return line
    since = datetime.fromtimestamp(said.brake.on_at_s, UTC)
    return (
        f"{line}\n  BRAKE ON since {since:%Y-%m-%d %H:%M:%S}: {said.brake.in_a_row} set aside in a"
        f" row, the last for: {said.brake.reason}. Mend the map or the profile, then"
        f" `wherry inbox release '{said.sender}'`; one message is tried now and then."
    )
