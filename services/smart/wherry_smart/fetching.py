"""An address that was checked becomes a JSON object, within a time and a size, led nowhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3

from wherry.adapters.http import session
from wherry.codec import decode
from wherry.errors import Failure, Kind

MAX_BYTES = 1024 * 1024
DEADLINE_S = 5.0
_CHUNK = 64 * 1024
_OK = 200
_NO_DOCUMENT: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON object that came with it; empty when there was none."""

    status: int
    body: Mapping[str, Any] = field(repr=False)

    @property
    def is_ok(self) -> bool:
        """Whether it is a success."""
        return self.status == _OK


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks for JSON; `routes` are public origins and those by which this machine reaches them."""

    routes: Mapping[str, str]
    deadline_s: float = DEADLINE_S

    def get(self, address: str, headers: Mapping[str, str], *, at: str) -> Answer:
        """The answer. Raises: Failure(UNAVAILABLE) when there is none."""
        return self._ask("GET", address, headers, None, at)

    def post(
        self, address: str, form: Mapping[str, str], headers: Mapping[str, str], *, at: str
    ) -> Answer:
        """The answer to a form. Raises: Failure(UNAVAILABLE) when there is none."""
        return self._ask("POST", address, headers, form, at)

    def _ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        at: str,
    ) -> Answer:
        ends = time.monotonic() + self.deadline_s
        with (
            _safely(at),
            session(read_s=self.deadline_s, routes=self.routes) as web,
            web.request(
                method,
                address,
                data=form,
                headers={"Accept": "application/json", **headers},
                stream=True,
                allow_redirects=False,
            ) as answer,
        ):
            return Answer(answer.status_code, _object(_body(answer, ends, at)))


@contextmanager
def _safely(at: str) -> Iterator[None]:
    try:
        yield
    except Failure as failure:  # the session refuses a redirect without knowing what was asked
        raise Failure(failure.kind, failure.detail, at=at) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        raise Failure(Kind.UNAVAILABLE, "the EHR did not answer", at=at) from None


def _body(answer: requests.Response, ends: float, at: str) -> bytes:
    """The whole body; a server that drips or pours is cut off."""
    body = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES or time.monotonic() > ends:
            raise Failure(Kind.UNAVAILABLE, "the EHR's answer is too large or too slow", at=at)
    return bytes(body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = decode(body)
    except Failure:
        return _NO_DOCUMENT
    return value if isinstance(value, dict) else _NO_DOCUMENT
