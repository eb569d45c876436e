"""One payload or file becomes the messages in it, each as its own bytes."""

import re
from dataclasses import dataclass, field

_MSH = re.compile(rb"MSH[^\w\s]", re.IGNORECASE)
_TRAILERS_BYTES = 400
_LINE_BYTES = 4096
_COUNT = re.compile(rb"[^\w\s][ \t]*(\d{1,9})(?!\w)")  # behind BTS or FTS
_ENDS = b"\r\n\x0b\x1c"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

# A line that starts a message, or that belongs to the envelope of a batch or file.
# Source: HL7 v2.5.1 §2.10.3, batch protocol.
_STARTS = re.compile(
    rb"(?:\A|[\r\n])[ \t\x00\x0b\x1c\xef\xbb\xbf]*"
    rb"(?:(MSH)(?=[^\w\s])|(FHS|BHS|BTS|FTS)(?=[^\w\s]|[\r\n]|\Z))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A payload of messages: `header` is its first BHS, else FHS, empty when there is none.

    `remarks` say which trailers count other than what is there.
    """

    bodies: tuple[bytes, ...] = field(repr=False)
    header: bytes = field(default=b"", repr=False)
    remarks: tuple[str, ...] = ()


def read(data: bytes) -> Batch:
    """The messages of a payload with what its envelope says; a legal envelope may hold none.

    Source: HL7 v2.5.1 §2.10.3, §2.15.2 (BHS), §2.15.3 (BTS), §2.15.7 (FTS).
    """
    if _is_one(data):
        return Batch((data,))
    lines = [(m[1] or m[2], m.start(1 if m[1] else 2)) for m in _STARTS.finditer(data)]
    names = [name.upper() for name, _ in lines]
    header = next((name for name in (b"BHS", b"FHS") if name in names), b"")
    if not header:
        return Batch(tuple(split(data)))
    bodies = tuple(split(data)) if b"MSH" in names or _MSH.search(data) else ()
    at = lines[names.index(header)][1]
    return Batch(bodies, _line(data, at), tuple(_miscounted(data, lines)))


def _miscounted(data: bytes, lines: list[tuple[bytes, int]]) -> list[str]:
    """What BTS-1 and FTS-1 say beside what is there."""
    remarks, messages, batches = [], 0, 0
    for name, at in lines:
        kind = name.upper()
        if kind == b"BHS":
            batches += 1
            messages = 0
        messages += kind == b"MSH"
        there = {b"BTS": messages, b"FTS": batches}.get(kind)
        found = _COUNT.match(data, at + 3) if there is not None else None
        if found and int(found[1]) != there:
            remarks.append(f"{kind.decode()}-1 says {int(found[1])}, there are {there}")
    return remarks


def _line(data: bytes, at: int) -> bytes:
    return re.split(rb"[\r\n]", data[at : at + _LINE_BYTES], maxsplit=1)[0]


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
