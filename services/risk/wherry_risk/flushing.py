"""What SQLite has committed without waiting for the disk is on the disk a moment later."""

import os
import threading
import time
from pathlib import Path

import structlog

EVERY_S = 0.1
"""How much a power cut may take at most, beside what the disk itself needs."""

log = structlog.get_logger()


class Flush:
    """Syncs the write-ahead log of one database, on a thread that ends when nothing is written.

    A commit with `synchronous = NORMAL` is in the log file when it returns, so that a killed
    process loses nothing; syncing that file makes it safe against a power cut too.
    Source: SQLite, PRAGMA synchronous; Write-Ahead Logging §4.
    """

    def __init__(self, database: str, *, every_s: float = EVERY_S) -> None:
        self._log = Path(f"{database}-wal") if database not in ("", ":memory:") else None
        self._every_s = every_s
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wrote = False
        self.synced = 0

    @property
    def idle(self) -> bool:
        """Whether all that was committed is synced."""
        return self._thread is None and not (self._wrote and self._log)

    def written(self) -> None:
        """Something was committed; returns at once."""
        self._wrote = True
        if self._thread is None and self._log is not None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while self._take():
            time.sleep(self._every_s)
            try:
                self._sync()
            except OSError as error:  # the records are committed; the next sync may reach the disk
                log.error("records_not_synced", error=type(error).__name__)
        self._thread = None
        if not self.idle:  # somebody wrote between the last look and the end of the thread
            self.written()

    def _take(self) -> bool:
        wrote, self._wrote = self._wrote, False
        return wrote

    def _sync(self) -> None:
        assert self._log is not None  # noqa: S101 - without a file there is no thread
        if not self._log.exists():  # whoever closed the database last has copied it, synced
            return
        file = os.open(self._log, os.O_RDONLY)
        try:
            os.fsync(file)
            self.synced += 1
        finally:
            os.close(file)
