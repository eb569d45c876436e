"""`wherry hl7 convert`: files of HL7 v2 messages become FHIR bundles, one JSON object a line."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.outcome import of_failure
from wherry.hl7 import batch
from wherry.hl7.message import Message
from wherry.resource import Issue
from wherry_hl7.senders import Senders, load, one
from wherry_hl7.settings import Settings
from wherry_hl7.translate import Sender, translate
from wherry_hl7.zones import zone as zone_of

SUFFIXES = frozenset({".hl7", ".txt"})


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
@click.option(
    "--sender",
    default="",
    help="A sender profile: its name in WHERRY_HL7_SENDERS, or a file; else each message chooses.",
)
@click.option(
    "--zone",
    default="",
    help="Zone of times without an offset, as Europe/Berlin; WHERRY_HL7_ZONE when not given.",
)
def convert(paths: Sequence[Path], sender: str, zone: str) -> None:
    """Print the FHIR transaction of each message in PATHS; directories are walked.

    One JSON object a line: source, index, bundle or outcome, warnings, unmapped. A patient without
    any identifier is converted too, known by the message alone. Exits 1 when a message had an
    outcome in place of a bundle.
    """
    senders = _senders(sender, zone)
    failed = False
    for path in _files(paths):
        data = path.read_bytes()
        for index, body in enumerate(batch.split(data) if data.strip() else []):
            said = converted(body, senders=senders, received_at=written_at(path))
            failed = failed or "outcome" in said
            click.echo(encode({"source": str(path), "index": index, **said}))
    sys.exit(1 if failed else 0)


def converted(
    body: bytes,
    *,
    senders: Senders,
    received_at: datetime,
    charset: str = "",
    channel: str = "",
) -> dict[str, Any]:
    """`bundle` or `outcome`, `warnings` and `unmapped` of one message."""
    try:
        message = Message.parse(body, charset=charset)
        sender = senders.of(message, channel)
        made = translate(message, sender=sender, received_at=received_at)
    except Failure as failure:
        return {"outcome": of_failure(failure), "warnings": [], "unmapped": []}
    except Exception as error:  # the edge of the command: one message must not stop the others
        broke = Failure(Kind.FAULT, f"the translator broke ({type(error).__name__})")
        return {"outcome": of_failure(broke), "warnings": [], "unmapped": []}
    return {
        "bundle": made.bundle,
        "warnings": _issues(made.warnings),
        "unmapped": _issues(made.unmapped),
    }


def _senders(name: str, zone: str) -> Senders:
    """The profile that was named for all messages, else those of the settings for each its own."""
    settings = Settings()
    try:
        default = Sender(zone=zone_of(zone or settings.zone), unidentified=True)
        if name.endswith(".yaml"):
            return Senders(one(Path(name), default=default).sender)
        found = load(settings.senders, default=default)
        return Senders(found.named(name)) if name else found
    except Failure as failure:
        at = f"{failure.at}: " if failure.at else ""
        raise click.BadParameter(f"{at}{failure.detail}", param_hint="--sender, --zone") from None


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files as they were named, those of a directory in the order of their names."""
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if one.suffix.lower() in SUFFIXES)
            yield from (one for one in inside if one.is_file())
        else:
            yield path


def written_at(path: Path) -> datetime:
    """When a message in a file was received, as far as anybody knows: the same at every run."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _issues(issues: Sequence[Issue]) -> list[dict[str, str]]:
    return [{"at": issue.at, "text": issue.text} for issue in issues]
