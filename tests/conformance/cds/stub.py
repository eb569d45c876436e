"""One loopback server for everything around a CDS client: its key sets and its FHIR server.

`/jwks/<name>.json` holds key sets, `/fhir` made-up patients; what is asked is remembered.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.cds import people


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that came in."""

    path: str
    query: str
    bearer: str

    @property
    def asked(self) -> str:
        """Path and query below /fhir, as a template says it."""
        path = self.path.removeprefix("/fhir/")
        return f"{path}?{self.query}" if self.query else path


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer other than the usual one; `after_s` is how long it takes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0


class Stub:
    """What is served, what is answered instead, and what was asked."""

    def __init__(self) -> None:
        self.origin = ""
        self.key_sets: dict[str, Any] = {}
        self.instead: dict[str, Reply] = {}
        """By patient id, or by path: the answer that is given in place of the usual one."""
        self._seen: list[Seen] = []
        self._lock = Lock()

    @property
    def fhir(self) -> str:
        """The base of the FHIR server."""
        return f"{self.origin}/fhir"

    def jku(self, name: str) -> str:
        """Where the key set of this name is."""
        return f"{self.origin}/jwks/{name}.json"

    def seen(self, part: str) -> list[Seen]:
        """What was asked with this text in path or query, in turn."""
        with self._lock:
            return [one for one in self._seen if part in f"{one.path}?{one.query}"]

    def answer(self, path: str, query: str, bearer: str) -> Reply:
        """The answer to a GET."""
        with self._lock:
            self._seen.append(Seen(path, query, bearer))
        asked = f"{path}?{query}"
        for part, reply in list(self.instead.items()):
            if part in asked:
                return reply
        if path.startswith("/jwks/"):
            held = self.key_sets.get(path.removeprefix("/jwks/").removesuffix(".json"))
            return Reply(body=held) if held else Reply(404, {})
        found = self.fhir_answer(path.removeprefix("/fhir/"), query)
        return Reply(404, people.outcome()) if found is None else Reply(body=found)

    @staticmethod
    def fhir_answer(path: str, query: str = "") -> Any:
        """What the FHIR server holds there, or nothing."""
        type_, _, id_ = path.partition("/")
        if id_:
            return people.resource(type_, id_)
        asked = dict(parse_qsl(query))
        patient = asked.get("patient", asked.get("subject", "")).rpartition("/")[2]
        if asked.get("encounter"):
            patient = asked["encounter"].rpartition("/")[2].removeprefix("visit.")
        if not patient and asked.get("_id"):
            found = people.resource(type_, asked["_id"])
            return people.bundle([found]) if found else people.empty_bundle()
        found_all = people.matches(type_, patient, asked) if patient else []
        return people.bundle(found_all) if found_all else people.empty_bundle()


@contextmanager
def stub(port: int = 0) -> Iterator[Stub]:
    """Serve on loopback, on a free port unless one is named."""
    served = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body in one packet

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            reply = served.answer(parts.path, parts.query, bearer)
            time.sleep(reply.after_s)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            kind = "application/json" if "/jwks/" in parts.path else "application/fhir+json"
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": kind, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # a caller that waits no longer is no trouble

        def log_message(self, *_: Any) -> None:
            return

    httpd = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    httpd.daemon_threads = True
    served.origin = f"http://127.0.0.1:{httpd.server_port}"
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
