"""Answers that become ready in any order leave in the order in which their blocks came."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Turn:
    """One block's place in the row, and what is ready to be said there."""

    ready: list[bytes] = field(default_factory=list)
    ended: bool = False


class Turns:
    """The row of one connection; `write` gets each answer when nothing before it is owed."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._row: deque[Turn] = deque()

    def __len__(self) -> int:
        return len(self._row)

    def take(self) -> Turn:
        """A place at the end of the row."""
        turn = Turn()
        self._row.append(turn)
        return turn

    def say(self, turn: Turn, answers: Iterable[bytes], *, last: bool) -> None:
        """Say this at the turn, now or when those before are done; after `last` it is done."""
        turn.ready += answers
        turn.ended = last
        while self._row:
            first = self._row[0]
            for answer in first.ready:
                self._write(answer)
            first.ready = []
            if not first.ended:
                return
            self._row.popleft()
