"""Our reader beside python-hl7 and hl7apy on message collections that others made."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

import hl7
from wherry.errors import Failure
from wherry.hl7.batch import split
from wherry.hl7.delimiters import STANDARD
from wherry.hl7.message import Message
from wherry.hl7.segment import NULL, Segment

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "hl7"
SUFFIXES = {".hl7", ".txt", ".ndhl7"}
SHARE = 6  # hl7apy takes a quarter of a second for a message: every sixth is enough

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the message collections are not here")


def messages() -> Iterator[tuple[Message, str]]:
    """Each message as we read it, and the text for the others: CR alone ends its segments."""
    files = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    for body in (body for file in files for body in split(file.read_bytes())):
        try:
            message = Message.parse(body)
        except Failure:
            continue
        if message.delimiters == STANDARD and not message.warnings:
            yield message, "\r".join(segment.raw for segment in message.segments)


def leaves(segment: Segment) -> list[str]:
    """Every component of a segment as text; one of several subcomponents as they were sent."""
    return [
        (rep.component(c) if rep.subs(c) > 1 else "" if rep[c] is NULL else rep[c]).strip()
        for number in range(3 if segment.name == "MSH" else 1, len(segment) + 1)
        for rep in segment[number].reps
        for c in range(1, len(rep) + 1)
    ]


def python_hl7_leaves(message: hl7.Message, segment: hl7.Segment) -> list[str]:
    """The same out of python-hl7."""
    fields = segment[3:] if str(segment[0]) == "MSH" else segment[1:]
    reps = (rep for field in fields if str(field) for rep in field)
    parts = (c for rep in reps for c in (rep if isinstance(rep, hl7.Repetition) else [str(rep)]))
    return [plain(message, str(part)) for part in parts]


def plain(message: hl7.Message, part: str) -> str:
    text = part if "&" in part else str(message.unescape(part))
    return "" if text == '""' else text.strip()


def test_our_reader_and_python_hl7_read_the_same_components() -> None:
    compared = 0
    for message, text in messages():
        theirs = hl7.parse(text)
        for segment, their in zip(message.segments, theirs, strict=True):
            if segment.raw.count("\\") > (segment.name == "MSH"):
                continue  # layout and hex escapes differ on purpose; test_escapes.py has the rules
            assert leaves(segment) == python_hl7_leaves(theirs, their), segment.name
            compared += 1

    assert compared > 3000


def valued(fields: Iterable[str]) -> list[str]:
    """The parts that hold something: hl7apy leaves out empty ones at the ends of a field."""
    parts = (part.strip() for raw in fields for part in raw.replace("&", "^").split("^"))
    return [part for part in parts if part]


def test_our_reader_and_hl7apy_read_the_same_fields() -> None:
    compared = 0
    for message, text in list(messages())[::SHARE]:
        try:
            level = VALIDATION_LEVEL.TOLERANT
            theirs = parse_message(text, validation_level=level, find_groups=False)
        except (HL7apyException, IndexError):
            continue  # it refuses versions that it does not know
        assert [s.name for s in message.segments] == [child.name for child in theirs.children]
        for segment, child in zip(message.segments[1:], list(theirs.children)[1:], strict=True):
            if "\\" in segment.raw or message.version == "2.6":
                continue  # it escapes an escape once more; of 2.6 it puts XTN-1 behind the others
            mine = valued(rep.raw for n in range(1, len(segment) + 1) for rep in segment[n].reps)
            assert mine == valued(field.to_er7() for field in child.children), segment.name
            compared += 1

    assert compared > 300
