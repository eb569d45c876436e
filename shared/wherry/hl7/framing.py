"""A stream of bytes in any pieces becomes MLLP blocks, bounded in memory and read once."""

from dataclasses import dataclass, field
from enum import StrEnum

START, END, CR = b"\x0b", b"\x1c", b"\r"
_WHOLE_END = END + CR

MAX_BYTES = 32 * 1024 * 1024
_HEAD_BYTES = 64 * 1024
_IDLE = b"\x00\r\n\t \x1c"  # what senders put between blocks to keep a connection alive
_AFTER_END = b"\r\n\x00"  # CR by the standard; without it the END before was the end all the same


@dataclass(frozen=True, slots=True)
class Block:
    """One whole payload, without its frame."""

    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Oversize:
    """A block that was longer than the limit; only its head was held."""

    head: bytes = field(repr=False)
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A block that never ended, because the next message began inside it."""

    size_bytes: int


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes outside of any block; `block_follows` says that a block started right after them."""

    data: bytes = field(repr=False)
    block_follows: bool


Event = Block | Oversize | Broken | Stray


class Place(StrEnum):
    """Where in the stream the last byte was."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    ENDING = "ending"  # END was the last byte: the next one says whether it was the end
    STRAY = "stray"  # outside of a block, and not a keep-alive


class Deframer:
    """Feed it what the socket gives; it answers with what became complete.

    Source: HL7 Minimal Lower Layer Protocol, release 1: START payload END CR.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._place = Place.OUTSIDE
        self._held = bytearray()
        self._size = 0
        self.finished = 0  # how many blocks have ended, so that their time can be limited

    @property
    def place(self) -> Place:
        """Where the stream stands; at ENDING and STRAY, call `flush` when nothing follows."""
        outside = self._place is Place.OUTSIDE
        return Place.STRAY if outside and self._held else self._place

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete; any split of a stream gives the same events."""
        if self._is_one_block(data):
            self.finished += 1
            return [Block(data[1:-2])]
        events: list[Event] = []
        at = 0
        while at < len(data):
            if self._place is Place.OUTSIDE:
                at = self._outside(data, at, events)
            elif self._place is Place.INSIDE:
                at = self._inside(data, at)
            else:
                at = self._ending(data, at, events)
        return events

    def _is_one_block(self, data: bytes) -> bool:
        """Surely one whole block and nothing else, as nearly every piece of a stream is."""
        return (
            self._place is Place.OUTSIDE
            and not self._held
            and data.startswith(START)
            and data.endswith(_WHOLE_END)
            and data.find(END) == len(data) - 2
            and data.rfind(START) == 0
            and len(data) - 3 <= self._max_bytes
        )

    def flush(self) -> list[Event]:
        """The sender has paused or gone: what was undecided is complete now."""
        events: list[Event] = []
        if self._place is Place.ENDING:
            self._finish(events)
        elif self._place is Place.OUTSIDE:
            self._stray(events, block_follows=False)
        return events

    def _outside(self, data: bytes, at: int, events: list[Event]) -> int:
        start = data.find(START, at)
        between = data[at:] if start < 0 else data[at:start]
        self._hold(between if self._held else between.lstrip(_IDLE), _HEAD_BYTES)
        if self._size > _HEAD_BYTES:
            self._stray(events, block_follows=False)
        if start < 0:
            return len(data)
        self._stray(events, block_follows=True)
        self._place = Place.INSIDE
        return start + 1

    def _inside(self, data: bytes, at: int) -> int:
        end = data.find(END, at)
        self._hold(data[at:] if end < 0 else data[at:end], self._max_bytes)
        if end < 0:
            return len(data)
        self._place = Place.ENDING
        return end + 1

    def _ending(self, data: bytes, at: int, events: list[Event]) -> int:
        following = data[at : at + 1]
        if following == START or following in _AFTER_END:
            self._finish(events)
            return at if following == START else at + 1
        self._hold(END, self._max_bytes)  # it was part of the payload after all
        self._place = Place.INSIDE
        return at

    def _hold(self, data: bytes, limit: int) -> None:
        self._size += len(data)
        if self._size <= limit:
            self._held += data
        elif len(self._held) > _HEAD_BYTES:
            del self._held[_HEAD_BYTES:]
        else:
            self._held += data[: _HEAD_BYTES - len(self._held)]

    def _finish(self, events: list[Event]) -> None:
        if self._size > self._max_bytes:
            events.append(Oversize(bytes(self._held), self._size))
        else:
            payload = bytes(self._held)
            again = payload.rfind(START + b"MSH")
            if again >= 0:
                events.append(Broken(again))
            events.append(Block(payload[again + 1 :] if again >= 0 else payload))
        self.finished += 1
        self._reset()

    def _stray(self, events: list[Event], *, block_follows: bool) -> None:
        if self._held:
            events.append(Stray(bytes(self._held[:_HEAD_BYTES]), block_follows))
        self._reset()

    def _reset(self) -> None:
        self._held = bytearray()
        self._size = 0
        self._place = Place.OUTSIDE


def frame(payload: bytes) -> bytes:
    """The payload as one MLLP block."""
    return START + payload + _WHOLE_END
