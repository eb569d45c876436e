"""X-Request-Id: taken from the caller or made, bound to the logs, sent on."""

import re

import structlog
from flask import Flask, Response, g, request

from wherry.adapters.clock import new_id
from wherry.logs import REQUEST_ID_HEADER

_SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def install(app: Flask) -> None:
    """Bind a request id before each request and return it with the answer."""

    @app.before_request
    def bind() -> None:
        asked = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = asked if _SAFE.fullmatch(asked) else new_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def answer(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.get("request_id", "")
        return response
