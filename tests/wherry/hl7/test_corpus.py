"""Our reader on message collections that others made, where they are at hand."""

from pathlib import Path

import pytest

from wherry.errors import Failure, Kind
from wherry.hl7.batch import split
from wherry.hl7.message import Message

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "hl7"
SUFFIXES = {".hl7", ".txt", ".ndhl7"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the message collections are not here")


def payloads() -> list[bytes]:
    files = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return [file.read_bytes() for file in files]


def readable(body: bytes) -> Message | None:
    """The message, or None where there is no usable MSH: any other failure ends the test."""
    try:
        return Message.parse(body)
    except Failure as failure:
        if failure.kind is Kind.INVALID and failure.at in {"MSH", "MSH-1", "MSH-2"}:
            return None
        raise


def test_every_leaf_of_every_message_is_read() -> None:
    messages = [readable(body) for payload in payloads() for body in split(payload)]

    leaves = [
        rep[component]
        for message in messages
        if message
        for segment in message.segments
        for n in range(1, len(segment) + 1)
        for rep in segment[n].reps
        for component in range(1, len(rep) + 1)
    ]

    assert len([message for message in messages if message]) > 500
    assert len(leaves) > 50_000


def test_every_line_of_a_message_is_in_exactly_one_segment() -> None:
    for payload in payloads():
        for body in split(payload):
            if (message := readable(body)) is None:
                continue
            joint = f"{message.delimiters.escape}.br{message.delimiters.escape}"
            read = [p.strip() for s in message.segments for p in s.raw.split(joint) if p.strip()]
            start = body.decode(message.charset, "replace").find("MSH")
            sent = body.decode(message.charset, "replace")[start:].replace("\n", "\r").split("\r")
            lines = [part.strip() for line in sent for part in line.split(joint) if part.strip()]

            assert read == [line for line in lines if line.strip("\x1c\x00\x0b")]
