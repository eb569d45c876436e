"""The bytes of a plain message become the names of its segments and the few that are asked for."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from wherry.hl7 import charset as charsets
from wherry.hl7.head import Head
from wherry.hl7.lines import KNOWN
from wherry.hl7.message import Message
from wherry.hl7.segment import Context, Segment

_SEPARATOR = "|"
_NOT_PLAIN = bytes(byte for byte in (*range(0x20), *range(0x7F, 0x100)) if byte != 0x0D)
_STARTS = frozenset(f"{name}{_SEPARATOR}".encode() for name in KNOWN) | {b""}
_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}\|")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the first checks look at: the names of all segments, and a message of some of them."""

    names: Collection[str]
    message: Message


def outline(data: bytes, head: Head, wanted: frozenset[bytes], *, charset: str = "") -> Outline:
    """The outline of the message with this MSH, which is always among the segments.

    A plain message is ASCII, without control characters, and each of its lines is a segment; it
    gives what reading it whole would give, three times as fast. Any other is read whole.
    Raises: Failure of `Message.parse`.
    """
    lines = data.split(b"\r") if not charset and _may_be_plain(data, head) else []
    starts = {line[:4] for line in lines}
    if not starts or not all(map(_NAME.fullmatch, starts - _STARTS)):
        message = Message.parse(data, charset=charset)
        return Outline({segment.name for segment in message.segments}, message)
    context = Context(head.delimiters, charsets.decode(b"", head.field(18)).codec)
    found = [
        Segment(line[:3].decode(), line.decode(), context) for line in lines if line[:3] in wanted
    ]
    first = Segment("MSH", lines[0].decode(), context)
    return Outline(
        {start[:3].decode() for start in starts if start}, Message([first, *found], context)
    )


def _may_be_plain(data: bytes, head: Head) -> bool:
    return (
        head.start == 0
        and head.delimiters.field == _SEPARATOR
        and not head.remark
        and data.startswith(b"MSH")
        and len(data.translate(None, _NOT_PLAIN)) == len(data)
    )
