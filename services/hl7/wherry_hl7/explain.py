"""`wherry hl7 explain`: each field of a message, the FHIR element it became, and the rule."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from wherry.errors import Failure
from wherry.hl7 import batch
from wherry.hl7.message import Message
from wherry.resource import Issue
from wherry_hl7.convert import written_at
from wherry_hl7.grammar.check import check
from wherry_hl7.grammar.structures import structure_of
from wherry_hl7.mapping.plan import plans
from wherry_hl7.mapping.shipped import shipped_library
from wherry_hl7.mapping.tables import load_shipped
from wherry_hl7.senders import Senders, load, one
from wherry_hl7.settings import Settings
from wherry_hl7.translate import Sender
from wherry_hl7.translate.message import translated
from wherry_hl7.translate.tracing import Written, traced, written
from wherry_hl7.zones import zone as zone_of


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--sender", default="", help="A sender profile, by name or file.")
def explain(path: Path, sender: str) -> None:
    """Print, for each message in PATH, which rule took each field where; then what was left over.

    Four columns: the segment's number and name with the field, the FHIR element, the rule's file
    and line. No values are printed. Exits 1 when a message could not be translated.
    """
    senders = _senders(sender)
    failed = False
    for index, body in enumerate(batch.split(path.read_bytes())):
        try:
            message = Message.parse(body)
            lines = list(explained(message, senders.of(message), written_at(path)))
        except Failure as failure:
            at = f" at {failure.at}" if failure.at else ""
            lines, failed = [f"  not translated{at}: {failure.detail}"], True
        click.echo(f"{path.name} message {index + 1}")
        for line in lines:
            click.echo(line)
    sys.exit(1 if failed else 0)


def explained(message: Message, sender: Sender, received_at: datetime) -> Iterator[str]:
    """The lines for one message. Raises: Failure as `translate` does."""
    made, scope = translated(message, sender=sender, received_at=received_at)
    names = [segment.name for segment in message.segments]
    rows = [_row(one_, names) for one_ in written(scope.memory)]
    width = max((len(row[0]) for row in rows), default=0)
    element = max((len(row[1]) for row in rows), default=0)
    for row in rows:
        yield f"  {row[0]:<{width}}  {row[1]:<{element}}  {row[2]}"
    yield from _issues("not mapped", made.unmapped)
    yield from _issues("warnings", made.warnings)
    structure = structure_of(message.kind, message.msh.text(9, 3))
    deviations = check(message, structure, version=message.version)
    yield from _issues("deviations from HL7", [Issue(one_.at, one_.text) for one_ in deviations])


def _row(one_: Written, names: list[str]) -> tuple[str, str, str]:
    name = names[one_.segment]
    nth = names[: one_.segment + 1].count(name)
    which = f"{name}[{nth}]" if names.count(name) > 1 else name
    return f"{which}-{one_.field}", one_.element, one_.rule


def _issues(title: str, issues: "tuple[Issue, ...] | list[Issue]") -> Iterator[str]:
    if issues:
        yield f"  {title}:"
        yield from (f"    {issue.at}: {issue.text}" for issue in issues)


def _senders(name: str) -> Senders:
    """Profiles whose plans note what each rule does."""
    settings = Settings()
    try:
        default = Sender(
            zone=zone_of(settings.zone),
            unidentified=True,
            plans=plans(shipped_library(), load_shipped(), traced),
        )
        if name.endswith(".yaml"):
            return Senders(one(Path(name), default=default, watch=traced).sender)
        found = load(settings.senders, default=default, watch=traced)
        return Senders(found.named(name)) if name else found
    except Failure as failure:
        at = f"{failure.at}: " if failure.at else ""
        raise click.BadParameter(f"{at}{failure.detail}", param_hint="--sender") from None
