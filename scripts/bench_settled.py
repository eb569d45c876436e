"""When messages are committed as FHIR, seen from outside: their inbox is read again and again.

A worker settles a message after the FHIR server has answered that its transaction is committed, so
the time at which it is seen settled is later than the commit, by the settling and one look.
"""

import sqlite3
import threading
import time
from pathlib import Path
from types import TracebackType

_STEP_S = 0.002
_UNFINISHED = "SELECT count(*) FROM message_state WHERE state IN ('waiting', 'claimed')"
_NEW = """
SELECT m.id, m.control_id, s.state FROM message m JOIN message_state s ON s.message_id = m.id
WHERE m.id > ? ORDER BY m.id
"""


def unfinished(inbox: Path) -> int:
    """Messages that are kept and neither done nor aside."""
    connection = _opened(inbox)
    try:
        return int(connection.execute(_UNFINISHED).fetchone()[0])
    finally:
        connection.close()


class Watch:
    """Notes by control id when a message was first seen done, on the machine's monotonic clock."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.done_s: dict[str, float] = {}

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        connection = _opened(self._inbox)
        after = connection.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0]
        while not self._over.wait(_STEP_S):
            rows = connection.execute(_NEW, (after,)).fetchall()
            now_s, all_done = time.monotonic(), True
            for id_, control_id, state in rows:
                if state == "done":
                    self.done_s.setdefault(control_id, now_s)
                all_done = all_done and state == "done"
                after = id_ if all_done else after
        connection.close()


def _opened(inbox: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{inbox}?mode=ro", uri=True, timeout=5, check_same_thread=False)
