"""Outgoing HTTP: one Session factory with timeouts that cannot be forgotten."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from wherry.logs import REQUEST_ID_HEADER, current_request_id


class _Timed(HTTPAdapter):
    """An adapter that fills in the timeout where the caller gave none."""

    def __init__(self, connect_s: float, read_s: float) -> None:
        self._timeout = (connect_s, read_s)
        super().__init__(pool_connections=4, pool_maxsize=16)

    # the base class names each keyword; here they are passed on as they came
    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        if request_id := current_request_id():
            request.headers.setdefault(REQUEST_ID_HEADER, request_id)
        return super().send(request, **kwargs)


def session(*, token: str = "", connect_s: float = 2.0, read_s: float = 10.0) -> requests.Session:
    """A Session with timeouts in seconds, no redirects, and a bearer token if one is given."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    made.mount("http://", _Timed(connect_s, read_s))
    made.mount("https://", _Timed(connect_s, read_s))
    if token:
        made.headers["Authorization"] = f"Bearer {token}"
    return made
