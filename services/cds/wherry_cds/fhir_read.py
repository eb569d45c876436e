"""Reads of FHIR JSON from allow-listed servers, inside a time and a size limit."""

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from wherry.adapters.http import session
from wherry.codec import decode
from wherry.errors import Failure, Kind

MAX_BYTES = 16 * 1024 * 1024
_CHUNK = 64 * 1024


class HttpFhirReader:
    """GETs with the call's own token; no redirects, no cookies, nothing kept between calls."""

    def __init__(self) -> None:
        self._session = session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        """The JSON at this address; `at` is the prefetch key that it is for.

        Raises: Failure: UNMET when the server refuses, UNAVAILABLE when it is away or late.
        """
        headers = {"Accept": "application/fhir+json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        ends = time.monotonic() + timeout_s
        try:
            with self._session.get(
                address,
                headers=headers,
                timeout=timeout_s,
                stream=True,
                allow_redirects=False,
            ) as response:
                _check(response.status_code, at)
                return _json(_body(response, ends, at), at)
        except Failure as failure:
            if failure.at:
                raise
            # the session refuses a redirect without knowing what was asked
            raise Failure(failure.kind, f"{at}: {failure.detail}", at=at) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            raise Failure(
                Kind.UNAVAILABLE, f"{at}: the FHIR server did not answer in time", at=at
            ) from None

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


def _check(status: int, at: str) -> None:
    if status == requests.codes.ok:
        return
    if status >= requests.codes.server_error or status == requests.codes.too_many_requests:
        raise Failure(Kind.UNAVAILABLE, f"{at}: the FHIR server answered {status}", at=at)
    raise Failure(Kind.UNMET, f"{at}: the FHIR server answered {status}", at=at)


def _body(response: requests.Response, ends: float, at: str) -> bytes:
    """The whole body; a server that drips or pours is cut off."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Failure(Kind.UNMET, f"{at}: the FHIR server's answer is too large", at=at)
        if time.monotonic() > ends:
            raise Failure(
                Kind.UNAVAILABLE, f"{at}: the FHIR server's answer came too slowly", at=at
            )
    return bytes(body)


def _json(body: bytes, at: str) -> Any:
    try:
        return decode(body)
    except Failure:
        raise Failure(Kind.UNMET, f"{at}: the FHIR server sent no JSON", at=at) from None
