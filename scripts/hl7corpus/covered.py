"""Which fields of a message are neither in its translation, nor listed as unmapped, nor warned of.

Nothing is taken on trust: a field that is not listed must be seen in what was made, by its own
words or because what is made without it is different.
"""

import re
from collections.abc import Iterator

from hl7corpus.outcome import Outcome, outcome
from wherry.codec import encode
from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry.resource import Translation

# Read to take the message apart, to route or to answer it, whatever it is translated to
# (EVN-1 repeats MSH-9.2, OBX-2 says how OBX-5 is read)
_STRUCTURE = frozenset({
    "EVN-1", "OBX-2", *(f"MSH-{number}" for number in (1, 2, 5, 6, *range(9, 22))),
})  # fmt: skip

# Read to act on: what is to be done with the rest of the segment (HL7 tables 0119, 0206,
# 0287 and 0323)
_ACTIONS = frozenset({
    "DG1-21", "IAM-6", "PR1-20", "IN1-55", "ROL-2", "PRT-2", "ARV-2", "PRB-1", "GOL-1",
    "ORC-1", "RGS-2", "AIS-2", "AIG-2", "AIL-2", "AIP-2", "RXA-21",
})  # fmt: skip

# Segments whose first field only numbers them among their like (data type SI; v2.5.1 §2.A.66)
# fmt: off
_NUMBERED = frozenset({
    "PID", "PV1", "NK1", "AL1", "IAM", "DG1", "PR1", "GT1", "IN1", "IN3", "OBR", "OBX", "NTE",
    "SPM", "FT1", "TXA", "RGS", "AIS", "AIG", "AIL", "AIP", "UB1", "UB2", "ARV", "DB1",
    "TQ1",
})
# fmt: on
_READ = _STRUCTURE | _ACTIONS
_TIME = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?:([0-2]\d)([0-5]\d)?)?", re.ASCII)
_ENVELOPE = frozenset({"MSH", "FHS", "BHS"})
_OUR_OWN = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def filled(message: Message) -> Iterator[tuple[Segment, int, str]]:
    """Every field that holds something: its segment, its number, its text as it was sent."""
    marks = message.delimiters
    blank = f"{marks.component}{marks.repetition}{marks.subcomponent} \t\r\n"
    for segment in message.segments:
        first = 1 if segment.name in _ENVELOPE else 0
        for number, raw in enumerate(segment.raw.split(marks.field), first):
            if number > first and raw.strip(blank):
                yield segment, number, raw


def silent(found: Outcome, known: set[tuple[str, str]]) -> list[str]:
    """Fields of which nothing is to be seen anywhere, as PID-5.

    `known` holds the pairs of message type and field that were seen to matter: each is tried out
    until it does, not in every message. Said twice (an order number in ORC and OBR) is not lost.
    """
    message, made = found.message, found.made
    if message is None or made is None:
        return []
    said = {issue.at.partition(".")[0] for issue in (*made.unmapped, *made.warnings)}
    text = encode(made.bundle).decode().casefold()
    lost = []
    for n, (segment, number, raw) in enumerate(filled(message)):
        at = f"{segment.name}-{number}"
        numbers = number == 1 and segment.name in _NUMBERED and raw.strip().isdigit()
        if numbers or at in said or at in _READ or (found.kind, at) in known:
            continue
        if _matters(found, message, n):
            known.add((found.kind, at))
        elif not _is_in(segment, number, text):
            lost.append(at)
    return lost


def _is_in(segment: Segment, number: int, text: str) -> bool:
    """Whether a leaf of the field, of more than two characters, is in what was made."""
    leaves = re.split(r"[\^~&]", segment.field(number))
    return any(len(leaf) > 2 and _as_written(leaf) in text for leaf in leaves)


def _as_written(leaf: str) -> str:
    """A time as FHIR writes it (2026-01-05T18:30), any other text without its case."""
    if not (found := _TIME.match(leaf)):
        return leaf.casefold()
    date, hour, minute = "-".join(found.groups()[:3]), found[4], found[5]
    return f"{date}t{hour}:{minute or '00'}" if hour else date


def _matters(found: Outcome, message: Message, n: int) -> bool:
    """Whether the message becomes something else without its n-th filled field."""
    without = outcome(type(found.piece)(found.piece.source, found.piece.index, _less(message, n)))
    return without.made is None or _content(without.made) != _content(found.made)


def _less(message: Message, n: int) -> bytes:
    left_out, number, _ = list(filled(message))[n]
    lines = []
    for segment in message.segments:
        fields = segment.raw.split(message.delimiters.field)
        if segment is left_out:
            fields[number - (1 if segment.name in _ENVELOPE else 0)] = ""
        lines.append(message.delimiters.field.join(fields))
    return "\r".join(lines).encode(message.charset, "replace")


def _content(made: Translation | None) -> bytes:
    """What was made, but for the ids that follow from every byte of the message."""
    if made is None:
        return b""
    said = (made.bundle, made.warnings, made.unmapped, made.deletes, made.weak)
    return _OUR_OWN.sub(b"", encode(said))
