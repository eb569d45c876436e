"""Outgoing HTTP: one Session factory with timeouts that cannot be forgotten."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from wherry.errors import Failure, Kind
from wherry.logs import REQUEST_ID_HEADER, current_request_id


class _Timed(HTTPAdapter):
    """An adapter that fills in the timeout where the caller gave none, and takes no redirect.

    A redirect would carry tokens and patients to an address that nobody allowed. It means that a
    setting names another address than the one that answers, or that a proxy stands between.
    """

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
        answer = super().send(request, **kwargs)
        if answer.is_redirect:
            answer.close()
            raise Failure(
                Kind.UNAVAILABLE,
                f"the server answered {answer.status_code}, a redirect, which is not followed",
            )
        return answer


class _Routed(_Timed):
    """Reaches a server at another address than its public one; the server hears its own name."""

    def __init__(self, public: str, inside: str, connect_s: float, read_s: float) -> None:
        self._public, self._inside = public, inside
        super().__init__(connect_s, read_s)

    def send(  # type: ignore[override] # as above
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        request.headers["Host"] = urlsplit(self._public).netloc
        request.url = self._inside + (request.url or "")[len(self._public) :]
        return super().send(request, **kwargs)


Equipped = TypeVar("Equipped", bound=requests.Session)


def equip(
    made: Equipped,
    *,
    connect_s: float = 2.0,
    read_s: float = 10.0,
    routes: Mapping[str, str] | None = None,
) -> Equipped:
    """Give a Session timeouts in seconds, no redirects and nothing from the environment.

    An answer that redirects is a Failure(UNAVAILABLE), whatever the caller says of redirects.
    `routes` are public origins and the origins by which this machine reaches them.
    """
    made.trust_env = False
    made.mount("http://", _Timed(connect_s, read_s))
    made.mount("https://", _Timed(connect_s, read_s))
    for public, inside in (routes or {}).items():
        made.mount(f"{public}/", _Routed(public, inside, connect_s, read_s))
    return made


def session(
    *,
    token: str = "",
    connect_s: float = 2.0,
    read_s: float = 10.0,
    routes: Mapping[str, str] | None = None,
) -> requests.Session:
    """A Session with timeouts in seconds, no redirects, and a bearer token if one is given.

    Its requests raise: Failure(UNAVAILABLE) for a redirect.
    """
    made = equip(requests.Session(), connect_s=connect_s, read_s=read_s, routes=routes)
    if token:
        made.headers["Authorization"] = f"Bearer {token}"
    return made
