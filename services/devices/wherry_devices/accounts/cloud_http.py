"""The `Cloud` port over HTTP: registered addresses only, within a time, a size and a pace."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from wherry.adapters.http import session
from wherry.adapters.retry_after import wanted_pause_s
from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_devices.accounts.registration import Registration
from wherry_devices.vendors.protocol import Answer, Request

MAX_BYTES = 16 * 1024 * 1024
DEADLINE_S = 8.0
"""Less than a container gets to stop: no answer with new tokens is to be cut off."""
_CHUNK = 64 * 1024


class HttpCloud:
    """One Session for all vendors; no cookie of one patient's answer goes to the next."""

    def __init__(
        self,
        *,
        deadline_s: float = DEADLINE_S,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session(read_s=deadline_s)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._deadline_s = deadline_s
        self._ticks = ticks
        self._sleep = sleep
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self, registration: Registration, request: Request, *, token: str = "") -> Answer:
        """The vendor's answer; waits for its turn when the vendor was asked just now."""
        self._take_turn(registration)
        dressed = registration.vendor.dressed
        if token and dressed is not None:
            request, token = dressed(request, registration.client, token), ""
        base = registration.api if request.host == "api" else registration.tokens
        headers = {"Accept": "application/json", **request.headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body: Any = request.form or None
        if request.json is not None:
            body, headers["Content-Type"] = encode(request.json), "application/json"
        ends = self._ticks() + self._deadline_s
        with (
            _safely(),
            self._session.request(
                request.method,
                base + request.path,
                params=request.query or None,
                data=body,
                headers=headers,
                stream=True,
            ) as answer,
        ):
            return Answer(
                answer.status_code,
                self._read(answer, ends),
                dict(answer.headers),
                wanted_pause_s(answer.status_code, answer.headers),
            )

    def _take_turn(self, registration: Registration) -> None:
        gap_s = 60.0 / registration.vendor.per_minute
        with self._lock:
            now = self._ticks()
            at = max(now, self._free_at.get(registration.vendor.source, now))
            self._free_at[registration.vendor.source] = at + gap_s
        if at > now:
            self._sleep(at - now)

    def _read(self, answer: requests.Response, ends: float) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES or self._ticks() > ends:
                raise Failure(Kind.UNAVAILABLE, "the vendor's answer is too large or too slow")
        return bytes(body)


@contextmanager
def _safely() -> Iterator[None]:
    # what the libraries say may repeat an address or a header
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError):
        raise Failure(Kind.UNAVAILABLE, "the vendor did not answer") from None
