"""Files of HL7 v2 messages become MLLP blocks, and each acknowledgment a line on stdout."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from wherry.errors import Failure
from wherry.hl7 import head as heads
from wherry.hl7.batch import split
from wherry.hl7.message import Message
from wherry.hl7.mllp_client import MllpClient

_SUFFIXES = frozenset({".hl7", ".txt"})
_AROUND = b"\x0b\x1c\x00\r\t "
_ACCEPTED = frozenset({"AA", "CA"})


class _Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Split the address; IPv6 hosts stand in brackets."""
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            self.fail("write it as HOST:PORT, such as 127.0.0.1:2575", param, ctx)
        return host.strip("[]"), int(port)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--to", "address", required=True, type=_Address(), help="MLLP listener.")
@click.option(
    "--timeout", "timeout_s", default=30.0, show_default=True, type=click.FloatRange(min=0.1),
    help="Seconds to wait for each acknowledgment.",
)  # fmt: skip
def send(paths: tuple[Path, ...], address: tuple[str, int], timeout_s: float) -> None:
    """Send HL7 v2 messages over MLLP and print each acknowledgment.

    PATHS are files with one message or several, or directories that are walked for *.hl7 and
    *.txt. Each line on stdout is the acknowledgment code, MSH-10 and the file. Exit code 1 when
    any answer is not AA or CA, or when no answer came.
    """
    messages = list(_messages(paths))
    if not messages:
        raise click.ClickException("there is no HL7 message in these paths")
    refused = 0
    try:
        with MllpClient(*address, timeout_s=timeout_s) as client:
            console = Console(stderr=True)
            for path, body in track(messages, "Sending", console=console, transient=True):
                code = _code(client.send(body))
                refused += code not in _ACCEPTED
                click.echo(f"{code or '??'}\t{_control_id(body)}\t{path}")
    except Failure as failure:
        raise click.ClickException(f"{failure.at}: {failure.detail}".lstrip(": ")) from None
    if refused:
        click.echo(f"{refused} of {len(messages)} not accepted", err=True)
        sys.exit(1)


def _messages(paths: tuple[Path, ...]) -> Iterator[tuple[Path, bytes]]:
    for path in paths:
        for file in _files(path):
            for body in split(file.read_bytes()):
                if sent := _as_sent(body):
                    yield file, sent


def _as_sent(body: bytes) -> bytes:
    """A message out of a file as the wire has it: CR ends a segment, no BOM, no frame."""
    lines = body.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    bare = lines.lstrip(b"\xef\xbb\xbf" + _AROUND).rstrip(_AROUND)
    return bare + b"\r" if bare else b""


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in _SUFFIXES)


def _code(ack: bytes) -> str:
    """MSA-1 of an acknowledgment; empty when it has none."""
    try:
        msa = Message.parse(ack).first("MSA")
    except Failure:
        return ""
    return msa.text(1) if msa else ""


def _control_id(body: bytes) -> str:
    try:
        return heads.read(body).control_id
    except Failure:
        return "-"
