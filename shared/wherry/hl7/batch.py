"""One payload or file becomes the messages in it, each as its own bytes."""

import re

_MSH = re.compile(rb"MSH[^\w\s]", re.IGNORECASE)
_TRAILERS_BYTES = 400
_ENDS = b"\r\n\x0b\x1c"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

# A line that starts a message, or that belongs to the envelope of a batch or file.
# Source: HL7 v2.5.1 §2.10.3, batch protocol.
_STARTS = re.compile(
    rb"(?:\A|[\r\n])[ \t\x00\x0b\x1c\xef\xbb\xbf]*"
    rb"(?:(MSH)(?=[^\w\s])|(?:FHS|BHS|BTS|FTS)(?=[^\w\s]|[\r\n]|\Z))",
    re.IGNORECASE,
)


def split(data: bytes) -> list[bytes]:
    """The messages of a payload in order; envelope segments (FHS, BHS, BTS, FTS) are left out.

    A payload that is one message, or none, comes back as it is.
    """
    if _is_one(data):
        return [data]
    whole = data
    if data.startswith(_UTF16_BOMS):
        data = data.decode("utf-16", "replace").encode()
    starts = list(_STARTS.finditer(data))
    if not starts or (len(starts) == 1 and starts[0][1] and not _before(data, starts[0])):
        return [whole]
    ends = [match.start() for match in starts[1:]] + [len(data)]
    pieces = [
        data[match.start(1) : end].rstrip(_ENDS)
        for match, end in zip(starts, ends, strict=True)
        if match[1]
    ]
    if first := _before(data, starts[0]):
        pieces.insert(0, first)
    return pieces or [whole]


def _is_one(data: bytes) -> bool:
    """Surely one message, as nearly every payload is; the full search is 20 times slower."""
    tail = data[-_TRAILERS_BYTES:].upper()
    return (
        data.startswith(b"MSH")
        and data.find(b"MSH", 3) < 0
        and data.find(b"msh", 3) < 0
        and b"BTS" not in tail
        and b"FTS" not in tail
    )


def _before(data: bytes, first: re.Match[bytes]) -> bytes:
    """A message before the first line start: one that follows other bytes on its line."""
    head = data[: first.start()]
    return head.rstrip(_ENDS) if _MSH.search(head) else b""
