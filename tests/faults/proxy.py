"""A proxy before the FHIR server that misbehaves on demand; everything stays on loopback."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_PASSED_ON = ("Authorization", "Content-Type", "Accept")
_BACK = ("Content-Type", "Location", "ETag")


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a request.

    `status`: answered so, with `headers`, and not passed on. `hangs`: never answered. `forgets`:
    passed on and carried out, but the answer is lost. `tears`: the answer ends in the middle.
    `delays`: passed on when the fault is over, long after whoever asked has given up. These three
    happen to transactions alone. `drops`: the connection is closed at once.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    forgets: bool = False
    tears: bool = False
    drops: bool = False
    delays: bool = False

    def concerns(self, body: bytes) -> bool:
        """Whether it happens to this request."""
        return _TRANSACTION in body or not (self.forgets or self.tears or self.delays)


HANGS, FORGETS, TEARS = Fault(hangs=True), Fault(forgets=True), Fault(tears=True)
_TRANSACTION = b'"type":"transaction"'
DELAYS, _DROPS = Fault(delays=True), Fault(drops=True)


@dataclass
class Proxy:
    """Listens on `port` and passes on to `target`; `asked_s` are the times of all requests."""

    target: str = ""
    fault: Fault | None = None
    asked_s: list[float] = field(default_factory=list)
    faults: int = 0
    port: int = 0
    _server: ThreadingHTTPServer | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where the FHIR API seems to be."""
        return f"http://127.0.0.1:{self.port}{urlsplit(self.target).path}"

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """Misbehave until the end of the block."""
        self.fault = fault
        self._over.clear()
        try:
            yield
        finally:
            self.fault = None
            self._over.set()

    def open(self) -> None:
        """Listen."""
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        self._over.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Connections are refused until the end of the block."""
        self.close()
        with self.failing(_DROPS):  # those that are open still
            yield
        self.open()

    def hang(self) -> None:
        """Return when the fault is over."""
        self._over.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is no news here."""


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    there = urlsplit(proxy.target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._serve()

        def do_GET(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = proxy.fault if proxy.fault and proxy.fault.concerns(body) else None
            proxy.asked_s.append(time.monotonic())
            proxy.faults += fault is not None
            if fault is not None and fault.drops:
                self.close_connection = True
            elif fault is None:
                self._say(*self._passed_on(body))
            elif fault.hangs or fault.delays:
                proxy.hang()
                self.close_connection = True
                if fault.delays:
                    self._passed_on(body)
            elif fault.status:
                self._say(fault.status, fault.headers, b"{}")
            else:
                status, headers, answer = self._passed_on(body)
                self.close_connection = True
                if fault.tears:
                    self._say(status, headers, answer, cut=len(answer) // 2)

        def _passed_on(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
            line = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            try:
                line.request(self.command, self.path, body=body or None, headers=headers)
                answer = line.getresponse()
                back = {name: answer.headers[name] for name in _BACK if name in answer.headers}
                return answer.status, back, answer.read()
            except OSError:
                return 502, {}, b"{}"
            finally:
                line.close()

        def _say(
            self, status: int, headers: Mapping[str, str], body: bytes, *, cut: int = 0
        ) -> None:
            with suppress(OSError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: cut or None])
                if cut:
                    self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name above
            """Say nothing."""

    return Handler
