"""A body of any length, in pieces, becomes its messages as soon as each is complete."""

import re

from wherry.hl7.batch import split
from wherry.hl7.framing import Block, Oversize

_HEAD_BYTES = 64 * 1024
_OVERLAP_BYTES = 64
_LINE_BYTES = 4096
_ENDS = b"\r\n\x0b\x1c"  # of a message that is one of several, as `split` leaves them out
_BLANK = rb"[ \t\x00\x0b\x1c\xef\xbb\xbf]*"
_NEXT = re.compile(rb"[\r\n]" + _BLANK + rb"(MSH)(?=[^\w\s])", re.IGNORECASE)
_MSH = re.compile(rb"MSH[^\w\s]", re.IGNORECASE)
_ENVELOPE = re.compile(rb"(?:\A|[\r\n])" + _BLANK + rb"(BHS|FHS)(?=[^\w\s])", re.IGNORECASE)

Piece = Block | Oversize


class BatchStream:
    """Feed it what came; it answers with the messages that are complete. Memory is bounded.

    `header` is the first BHS before the first message, else its FHS, empty when there is none.
    Source: HL7 v2.5.1 §2.10.3, batch protocol.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._looked = 0
        self._head = b""  # of a message that is too long, while its end is looked for
        self._size = 0
        self._first = True
        self.header = b""

    def feed(self, data: bytes) -> list[Piece]:
        """The messages that these bytes complete: each ends where the next one starts."""
        self._held += data
        found = list(_NEXT.finditer(self._held, self._looked))
        pieces: list[Piece] = []
        if found:
            done = bytes(self._held[: found[-1].start()])
            del self._held[: found[-1].start(1)]
            pieces = self._pieces(done, alone=False)
        self._looked = max(0, len(self._held) - _OVERLAP_BYTES)
        if len(self._held) > self._max_bytes:
            self._give_up()
        return pieces

    def finish(self) -> list[Piece]:
        """There is no more: what is held is complete."""
        rest = bytes(self._held)
        self._held.clear()
        return self._pieces(rest, alone=self._first) if rest or self._head else []

    def _pieces(self, done: bytes, *, alone: bool) -> list[Piece]:
        if self._head:
            whole = Oversize(self._head, self._size + len(done))
            self._head, self._size = b"", 0
            return [whole]
        if self._first:
            self._note_header(done)
        if not _MSH.search(done) and (self.header or not self._first):
            return []
        self._first = False
        return [self._judged(body if alone else body.rstrip(_ENDS)) for body in split(done)]

    def _judged(self, body: bytes) -> Piece:
        if len(body) > self._max_bytes:
            return Oversize(body[:_HEAD_BYTES], len(body))
        return Block(body)

    def _note_header(self, done: bytes) -> None:
        message = _MSH.search(done)
        before = done[: message.start() if message else len(done)]
        found = {match[1].upper(): match.start(1) for match in _ENVELOPE.finditer(before)}
        at = found.get(b"BHS", found.get(b"FHS", -1))
        if at >= 0:
            self.header = re.split(rb"[\r\n]", before[at : at + _LINE_BYTES], maxsplit=1)[0]

    def _give_up(self) -> None:
        """Hold only the head of a message that is too long, and enough to see the next one."""
        if not self._head:
            self._head = bytes(self._held[:_HEAD_BYTES])
        self._first = False
        self._size += len(self._held) - _OVERLAP_BYTES
        del self._held[:-_OVERLAP_BYTES]
        self._looked = 0
