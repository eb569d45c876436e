"""SQLite's write-ahead log goes into the database file while others go on writing."""

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

_EVERY_S = 0.5
_LOG_BYTES = 4 * 1024 * 1024
_TOO_LONG_BYTES = 64 * 1024 * 1024
_MEMORY = ("", ":memory:")


class Checkpoints:
    """Copies the log of one database into its file, on a thread and a connection of its own.

    By default SQLite lets whichever commit passes a thousand pages do it, and that sender waits
    20 ms longer. A log that others fill faster than it empties is cut once it is `_TOO_LONG_BYTES`.
    The thread ends when nothing was written for a while and begins again with the next write.
    Source: SQLite, Write-Ahead Logging §3.1 and PRAGMA wal_checkpoint.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wrote = False

    def written(self) -> None:
        """Something was committed; returns at once."""
        self._wrote = True
        if self._thread is None and self._path not in _MEMORY and self._size() > _LOG_BYTES:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        # not waiting for anybody: what cannot be done now is done the next time
        with contextlib.suppress(sqlite3.Error):
            connection = sqlite3.connect(self._path, timeout=0.01, isolation_level=None)
            try:
                while self._wrote:
                    self._wrote = False
                    self._copy(connection)
                    time.sleep(_EVERY_S)
            finally:
                connection.close()
        self._thread = None

    def _copy(self, connection: sqlite3.Connection) -> None:
        if self._size() <= _LOG_BYTES:
            return
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if self._size() > _TOO_LONG_BYTES:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0
