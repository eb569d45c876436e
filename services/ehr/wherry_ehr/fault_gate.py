"""Faults on purpose happen here, before a request reaches the FHIR API."""

from collections.abc import Callable, Iterator, Sequence

from flask import Flask, Response, request

from wherry.errors import Failure, Kind
from wherry.fhir.outcome import outcome
from wherry.web.outcome import FHIR_JSON, respond
from wherry.web.peers import Networks, is_near
from wherry_ehr.faults import HEADER, Fault, Faults, read_faults
from wherry_ehr.here import PREFIX

_BEGUN = b'{"resourceType":'


def install(app: Flask, faults: Faults | None, *, trusted: Networks = ()) -> None:
    """Let them happen below /fhir before any interaction runs; none without `faults`."""
    if faults is None:
        return
    asked_for = faults

    @app.before_request
    def fault() -> Response | None:
        if not f"{request.path}/".startswith(f"{PREFIX}/"):
            return None
        wanted = asked_for.standing
        if given := request.headers.get(HEADER):
            if not (asked_for.by_request and is_near(request.remote_addr, trusted)):
                raise Failure(Kind.FORBIDDEN, "faults on request are not enabled", at=HEADER)
            wanted = read_faults(given)
        return _happen(wanted, asked_for)


def _happen(wanted: Sequence[Fault], faults: Faults) -> Response | None:
    for one in wanted:
        if one.percent < 100 and faults.chance() * 100 >= one.percent:
            continue
        if one.name == "latency":
            faults.sleep(one.value / 1000)
        else:
            return _ANSWERS[one.name](one)
    return None


def _error(fault: Fault) -> Response:
    return respond(fault.value, outcome("transient", "a fault that was asked for"))


def _throttle(fault: Fault) -> Response:
    answer = respond(429, outcome("throttled", "a fault that was asked for; try again later"))
    answer.headers["Retry-After"] = str(fault.value)
    return answer


def _drop(_fault: Fault) -> Response:
    """The connection ends inside the answer: its length was promised and never comes."""
    answer = Response(_broken(), status=200, content_type=f"{FHIR_JSON}; charset=utf-8")
    answer.headers["Content-Length"] = "1024"
    return answer


def _broken() -> Iterator[bytes]:
    yield _BEGUN
    raise ConnectionAbortedError("dropped on purpose")


_ANSWERS: dict[str, Callable[[Fault], Response]] = {
    "error": _error,
    "throttle": _throttle,
    "drop": _drop,
}
