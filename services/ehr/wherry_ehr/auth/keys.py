"""An app's key set address becomes its keys, kept no longer than the app allows."""

import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, NamedTuple, Protocol

import requests

from wherry.adapters.http import session
from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import origin

Jwks = Mapping[str, Any]

_MAX_BYTES = 64 * 1024
_MAX_AGE_S = 3600
# Nobody makes us fetch faster than this by sending key ids that do not exist
_REST_S = 5.0

_AGE = re.compile(r"max-age=(\d{1,9})")


class KeySource(Protocol):
    """Key sets of apps that registered them by address."""

    def __call__(self, url: str, *, again: bool = False) -> Jwks:
        """The key set; `again` looks anew because a key was missing.

        Raises: Failure(UNAVAILABLE).
        """
        ...


def no_keys(url: str, *, again: bool = False) -> Jwks:
    """A source without a network. Raises: Failure(UNAVAILABLE)."""
    raise Failure(Kind.UNAVAILABLE, "the client's keys cannot be fetched")


class _Kept(NamedTuple):
    jwks: Jwks
    fetched_at: float
    good_until: float


class HttpKeys:
    """Fetches over HTTP. Source: SMART 2.2, R339, R341, R342 (Cache-Control decides).

    `inside` says where an origin is reached from here, when browsers reach it elsewhere.
    """

    def __init__(
        self, ticks: Callable[[], float], *, inside: Mapping[str, str] | None = None
    ) -> None:
        self._ticks = ticks
        self._inside = {public: at for public, at in (inside or {}).items() if public and at}
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def __call__(self, url: str, *, again: bool = False) -> Jwks:
        """The key set; `again` looks anew. Raises: Failure(UNAVAILABLE)."""
        with self._lock:
            now, kept = self._ticks(), self._kept.get(url)
            if kept and (now - kept.fetched_at < _REST_S if again else now < kept.good_until):
                return kept.jwks
            jwks, age_s = _fetched(self._address(url))
            self._kept[url] = _Kept(jwks, now, now + age_s)
            return jwks

    def _address(self, url: str) -> str:
        known = origin(url)
        return self._inside.get(known, known) + url.removeprefix(known)


def _fetched(url: str) -> tuple[Jwks, int]:
    try:
        with (
            session(connect_s=1.0, read_s=2.0) as http,
            http.get(
                url, headers={"Accept": "application/json"}, stream=True, allow_redirects=False
            ) as answer,
        ):
            body = answer.raw.read(_MAX_BYTES + 1, decode_content=True)
            good = answer.status_code == 200 and len(body) <= _MAX_BYTES
            cache = answer.headers.get("Cache-Control", "").lower()
    except Failure as failure:  # a redirect, which the session does not follow
        raise Failure(
            failure.kind, f"the client's keys cannot be fetched: {failure.detail}"
        ) from None
    except (requests.RequestException, OSError):
        good, body, cache = False, b"", ""
    jwks = decode(body) if good else None
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise Failure(Kind.UNAVAILABLE, "the client's keys cannot be fetched")
    return jwks, _age(cache)


def _age(cache: str) -> int:
    """Seconds for which an answer may be kept; none unless it says so."""
    found = _AGE.search(cache)
    if found is None or "no-store" in cache or "no-cache" in cache:
        return 0
    return min(int(found[1]), _MAX_AGE_S)
