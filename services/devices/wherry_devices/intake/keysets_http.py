"""The `Keysets` port over HTTP: kept for hours, fetched anew for a key that is not in them."""

import threading
import time
from collections.abc import Callable, Mapping

import requests
import structlog

from wherry.adapters.http import session
from wherry.errors import Failure, Kind
from wherry_devices.intake import tink

# Source: developers.google.com/health, webhooks, signature verification: the address stays
PUBLISHED: Mapping[str, str] = {
    "google-health": "https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json"
}
OLD_S = 6 * 3600.0
PAUSE_S = 60.0
_MOST_BYTES = 256 * 1024
_WAIT_S = 1.0  # a webhook is answered within two seconds

log = structlog.get_logger()


class HttpKeysets:
    """One vendor's keyset. Whoever sends nonsense makes us ask once a minute at most."""

    def __init__(self, url: str, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._session = session(connect_s=_WAIT_S, read_s=_WAIT_S)
        self._ticks = ticks
        self._lock = threading.Lock()
        self._keyset = b""
        self._fetched: float | None = None
        self._asked: float | None = None

    def holding(self, key_id: int) -> bytes:
        """The keyset as it is now, asked for anew when it is old or lacks this key."""
        with self._lock:
            now = self._ticks()
            if not self._serves(key_id, now) and self._may_ask(now):
                self._asked = now
                self._fetch(now)
            if not self._keyset:
                raise Failure(Kind.UNAVAILABLE, "the vendor's keys cannot be had just now")
            return self._keyset

    def _serves(self, key_id: int, now: float) -> bool:
        is_young = self._fetched is not None and now - self._fetched < OLD_S
        return is_young and key_id in tink.keys(self._keyset)

    def _may_ask(self, now: float) -> bool:
        return self._asked is None or now - self._asked >= PAUSE_S

    def _fetch(self, now: float) -> None:
        """Keep the newest; an answer that is no keyset leaves the one that is known."""
        try:
            with self._session.get(self._url, stream=True) as answer:
                body = answer.raw.read(_MOST_BYTES, decode_content=True)
                if answer.status_code != requests.codes.ok:
                    raise Failure(Kind.UNAVAILABLE, f"the keys were answered {answer.status_code}")
            tink.keys(body)
        except (requests.RequestException, Failure, OSError) as error:
            log.warning("keys_not_fetched", error=type(error).__name__)
            return
        self._keyset, self._fetched = body, now
