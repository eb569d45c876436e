"""A WSGI application on a free loopback port, which is known before the application is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

Wsgi = Callable[[Any, Any], Any]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        return


@contextmanager
def served(make: Callable[[str], Wsgi]) -> Iterator[str]:
    """Serve what is made for this address; gives the address."""
    held: list[Wsgi] = []

    def app(environ: Any, start: Any) -> Any:
        return held[0](environ, start)

    httpd = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    base = f"http://127.0.0.1:{httpd.server_port}"
    held.append(make(base))
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
