"""Failures become OperationOutcome answers in exactly one place."""

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.outcome import of_failure, outcome
from wherry.resource import Resource

log = structlog.get_logger()

FHIR_JSON = "application/fhir+json"

_HTTP_ISSUE = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


def respond(status: int, body: Resource) -> Response:
    """A FHIR JSON answer."""
    return Response(encode(body), status=status, content_type=f"{FHIR_JSON}; charset=utf-8")


def _failure(failure: Failure) -> Response:
    log.info("request_failed", kind=failure.kind.name, at=failure.at, route=_route())
    answer = respond(failure.kind.http, of_failure(failure))
    if failure.kind is Kind.UNAVAILABLE:
        answer.headers["Retry-After"] = "2"
    if failure.kind is Kind.UNAUTHENTICATED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _route() -> str:
    """The pattern of the address: the address itself may hold what somebody took for an id."""
    return request.url_rule.rule if request.url_rule else ""


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    answer = respond(status, outcome(_HTTP_ISSUE.get(status, "invalid"), error.name))
    if allowed := getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _bug(error: Exception) -> Response:
    """An unforeseen error: its type is logged, its text is not (it may hold patient data)."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
    log.error("request_crashed", error=type(error).__name__, where=where)
    return respond(
        500, outcome(Kind.FAULT.issue, "internal error; nothing can be said about the result")
    )


def install(app: Flask) -> None:
    """Answer every failure of this app as an OperationOutcome."""
    app.register_error_handler(Failure, _failure)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)
