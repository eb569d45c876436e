"""Addresses of key sets become keys, fetched seldom and kept while their server is away."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from wherry.codec import decode
from wherry.errors import Failure, Kind

log = structlog.get_logger()

FRESH_S = 600.0
STALE_S = 24 * 3600.0
COOL_S = 60.0
RETRY_S = 10.0


class Fetch(Protocol):
    """Public documents by address."""

    def get(self, address: str, *, loopback: bool) -> bytes:
        """The document; `loopback` lets it come over http from this machine.

        Raises: Failure(UNAVAILABLE), saying why.
        """
        ...


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    found: Any = None
    fetched_s: float = 0.0
    tried_s: float = float("-inf")
    looked_s: float = float("-inf")  # when it was last fetched for a kid that was not there


class Documents:
    """Documents by address: fresh ten minutes, used a day while their server is away.

    A caller never waits for a refresh that another one makes.
    """

    def __init__(
        self, fetch: Fetch, ticks: Callable[[], float], read: Callable[[Any], Any]
    ) -> None:
        self._fetch, self._ticks, self._read = fetch, ticks, read
        self._entries: dict[str, _Entry] = {}
        self._making = threading.Lock()

    def get(
        self, address: str, *, loopback: bool = False, good: Callable[[Any], bool] | None = None
    ) -> Any:
        """What stands there. One that is not `good` is fetched again, at most once a minute.

        Raises: Failure(UNAVAILABLE) when it was never had, or not for a day.
        """
        entry, now = self._entry(address), self._ticks()
        if entry.found is None:
            self._first(entry, address, loopback)
        elif now - entry.fetched_s > FRESH_S and now - entry.tried_s > COOL_S:
            self._again(entry, address, loopback)
        if good and not good(entry.found) and now - entry.looked_s > COOL_S:
            entry.looked_s = now
            if entry.fetched_s < now:  # not fetched by this very call
                self._again(entry, address, loopback)
        if self._ticks() - entry.fetched_s > STALE_S:
            raise Failure(Kind.UNAVAILABLE, "the client's keys are too old", at="keys")
        return entry.found

    def _entry(self, address: str) -> _Entry:
        with self._making:
            return self._entries.setdefault(address, _Entry())

    def _first(self, entry: _Entry, address: str, loopback: bool) -> None:
        with entry.lock:
            if entry.found is not None:
                return
            if self._ticks() - entry.tried_s < RETRY_S:
                raise Failure(Kind.UNAVAILABLE, "the client's keys could not be had", at="keys")
            self._take(entry, address, loopback)

    def _again(self, entry: _Entry, address: str, loopback: bool) -> None:
        if not entry.lock.acquire(blocking=False):
            return
        try:
            self._take(entry, address, loopback)
        except Failure as failure:
            log.warning("keys_not_refreshed", address=address, reason=failure.detail)
        finally:
            entry.lock.release()

    def _take(self, entry: _Entry, address: str, loopback: bool) -> None:
        entry.tried_s = self._ticks()
        try:
            document = decode(self._fetch.get(address, loopback=loopback))
        except Failure as failure:
            raise Failure(Kind.UNAVAILABLE, failure.detail, at="keys") from None
        entry.found, entry.fetched_s = self._read(document), self._ticks()
