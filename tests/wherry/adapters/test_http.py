"""Outgoing HTTP follows nobody to another address. Tokens are made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from wherry.adapters.http import session
from wherry.errors import Failure, Kind


class Recorder:
    """A server that answers with a status and a Location, and keeps what it was asked."""

    def __init__(self, status: int, location: str | None) -> None:
        self.asked: list[tuple[str, str]] = []
        self._status, self._location = status, location

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append((request.method, request.path))
        headers = {"Location": self._location} if self._location else {}
        return Response(b"", self._status, headers)(environ, start_response)


@contextmanager
def served(app: Recorder) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("said", [{}, {"allow_redirects": False}, {"allow_redirects": True}])
def test_a_redirect_is_a_failure_that_says_so(
    method: str, status: int, said: dict[str, Any]
) -> None:
    elsewhere = Recorder(200, None)
    with served(elsewhere) as target, session(token="made-up-token") as web:
        asked = Recorder(status, f"{target}/elsewhere")
        with served(asked) as base, pytest.raises(Failure) as caught:
            web.request(method, f"{base}/here", **said)

    assert caught.value.kind is Kind.UNAVAILABLE
    assert caught.value.detail == f"the server answered {status}, a redirect, which is not followed"
    assert (asked.asked, elsewhere.asked) == ([(method, "/here")], [])


def test_a_streamed_redirect_is_refused_too() -> None:
    with (
        served(Recorder(302, "/there")) as base,
        session() as web,
        pytest.raises(Failure, match="redirect"),
    ):
        web.get(base, stream=True, allow_redirects=False)


@pytest.mark.parametrize(
    ("status", "location"), [(200, "/there"), (201, "/there"), (304, None), (300, None)]
)
def test_what_is_no_redirect_is_an_answer(status: int, location: str | None) -> None:
    with served(Recorder(status, location)) as base, session() as web:
        answer = web.get(f"{base}/here")

    assert answer.status_code == status


def test_routed_addresses_follow_no_redirect_either() -> None:
    with (
        served(Recorder(302, "/there")) as inside,
        session(routes={"http://ehr.example.org": inside}) as web,
        pytest.raises(Failure, match="redirect"),
    ):
        web.get("http://ehr.example.org/fhir/metadata")
