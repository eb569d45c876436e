"""Interface engines that go on whatever happens: what gets no acknowledgment is sent again."""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest

from tests.faults.families import Family

from wherry.errors import Failure
from wherry.hl7.mllp_client import MllpClient

_PAUSE_S = 0.05
_AGAIN_S = 0.25
_ANSWER_S = 15.0


class Gate:
    """How many messages may be acknowledged by now: so the load lasts until the last fault."""

    def __init__(self) -> None:
        self.open_until = 0
        self._lock = threading.Lock()
        self.acked = self.sent = self.refused = 0
        self.over = False

    def note(self, *, sent: int = 0, acked: int = 0, refused: int = 0) -> None:
        """Count."""
        with self._lock:
            self.sent += sent
            self.acked += acked
            self.refused += refused

    def room(self) -> bool:
        """Whether a sender may go on."""
        return self.acked < self.open_until


class Engine(threading.Thread):
    """One connection that carries several families in turn, `window` messages unanswered.

    The order of each family is kept: after a lost connection it goes on with the first message
    that was not acknowledged, as interface engines do.
    """

    def __init__(
        self, port: int, families: Sequence[Family], gate: Gate, *, window: int = 1
    ) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._gate = gate
        self._window = window
        turns = zip_longest(*(family.messages() for family in families))
        self._messages = [one for one in chain.from_iterable(turns) if one is not None]

    def run(self) -> None:
        """Send all."""
        at = 0
        while at < len(self._messages) and not self._gate.over:
            if not self._gate.room():
                time.sleep(_PAUSE_S / 10)
                continue
            before = at
            try:
                at = self._talk(at)
            except Failure:  # nobody listens
                time.sleep(_AGAIN_S)
            else:
                if at == before:
                    time.sleep(_AGAIN_S)

    def _talk(self, at: int) -> int:
        """Send on one connection until it is lost; where to go on."""
        with MllpClient("127.0.0.1", self._port, timeout_s=_ANSWER_S) as client:
            while at < len(self._messages) and self._gate.room() and not self._gate.over:
                ahead = self._messages[at : at + self._window]
                self._gate.note(sent=len(ahead))
                try:
                    for answer in client.send_all(ahead, window=self._window):
                        accepted = b"\rMSA|AA|" in answer
                        self._gate.note(acked=accepted, refused=not accepted)
                        at += 1
                except Failure:
                    return at
        return at


def until(look: Callable[[], bool], within_s: float) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + within_s
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE_S)
    return True
