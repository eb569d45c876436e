"""A small Withings on the loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request
from tests.devices.fake_withings import FakeWithings, at_withings
from werkzeug.serving import make_server

from wherry_devices.vendors.protocol import Request


@dataclass
class Vendor:
    """A Withings on the loopback, and what it heard."""

    url: str
    behind: FakeWithings
    heard: list[dict[str, str]] = field(default_factory=list)
    instead: list[Response] = field(default_factory=list)


@contextmanager
def served() -> Iterator[Vendor]:
    """A vendor that answers until the end."""
    app, behind = Flask("vendor"), FakeWithings()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    found = Vendor(f"http://127.0.0.1:{server.server_port}/withings", behind)

    @app.route("/withings/<path:path>", methods=["GET", "POST"])
    def said(path: str) -> Response:
        found.heard.append(
            {**dict(request.headers), "path": path, "query": request.query_string.decode()}
        )
        if found.instead:
            return found.instead.pop(0)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        asked = Request(request.method, f"/{path}", form=request.form.to_dict())
        answer = behind.ask(at_withings(), asked, token=token)
        told = Response(answer.body, answer.status, content_type="application/json")
        told.set_cookie("session", "made-up-cookie")
        return told

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
