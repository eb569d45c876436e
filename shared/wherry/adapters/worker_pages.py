"""A worker's pings and counts become /healthz, /readyz and /metrics on a port of its own."""

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from wherry.codec import encode
from wherry.errors import Failure

Ping = Callable[[], object]
_Page = tuple[HTTPStatus, str, bytes]

_JSON = "application/json"
_PATIENCE_S = 5.0


class WorkerPages(ThreadingHTTPServer):
    """Three pages for a process that has no web server, served beside its work.

    It listens from the start; `close` ends it. Raises: OSError when the port is taken.
    """

    daemon_threads = True

    def __init__(
        self, host: str, port: int, pings: Mapping[str, Ping], registry: CollectorRegistry
    ) -> None:
        self._pings = pings
        self._registry = registry
        super().__init__((host, port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def close(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def page(self, path: str) -> _Page:
        """What is under this path."""
        if path == "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        if path == "/healthz":
            return HTTPStatus.OK, _JSON, encode({"status": "up"})
        if path == "/readyz":
            return self._ready()
        return HTTPStatus.NOT_FOUND, _JSON, encode({"status": "not found"})

    def _ready(self) -> _Page:
        states = {name: _state(ping) for name, ping in self._pings.items()}
        ready = all(state == "up" for state in states.values())
        told = encode({"status": "ready" if ready else "not ready", "needs": states})
        return HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, _JSON, told

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked has gone, and what they sent is nobody's business."""


class _Handler(BaseHTTPRequestHandler):
    server: WorkerPages
    timeout = _PATIENCE_S
    server_version, sys_version = "wherry", ""

    def do_GET(self) -> None:
        """Answer one request."""
        status, type_, body = self.server.page(self.path.partition("?")[0])
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Log no request: a page asked for every 15 seconds is no news."""


def _state(ping: Ping) -> str:
    try:
        ping()
    except Failure as failure:
        return f"down: {failure.detail}"
    return "up"
