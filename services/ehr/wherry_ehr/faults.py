"""Faults on purpose, so that clients can be tried against a slow, failing or vanishing server."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Flask, Response, request

from wherry.errors import Failure, Kind
from wherry.web.outcome import FHIR_JSON, outcome, respond
from wherry.web.peers import Networks, is_near
from wherry_ehr.here import PREFIX

HEADER = "X-Wherry-Fault"
MOST_MS, MOST_S = 60_000, 3600

_FAULT = re.compile(r"(latency|error|throttle|drop)(?:=(\d{1,6}))?(?:@(\d{1,3})%)?", re.ASCII)
_DEFAULTS = {"latency": 1000, "error": 500, "throttle": 2, "drop": 0}
_BEGUN = b'{"resourceType":'


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: latency in ms, the status of an error, seconds of Retry-After; in `percent`."""

    name: str
    value: int
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong by itself, and whether callers on this machine may ask for more.

    `chance` gives numbers from 0 up to 1, `sleep` takes seconds.
    """

    standing: tuple[Fault, ...]
    by_request: bool
    chance: Callable[[], float]
    sleep: Callable[[float], None]


def read_faults(text: str) -> tuple[Fault, ...]:
    """`latency=200@50%, throttle=3, drop@1%` as faults. Raises: Failure(INVALID)."""
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        named = _FAULT.fullmatch(word)
        if named is None:
            raise _unknown()
        value = int(named[2]) if named[2] else _DEFAULTS[named[1]]
        fault = Fault(named[1], value, int(named[3]) if named[3] else 100)
        if not _is_sound(fault):
            raise _unknown()
        found.append(fault)
    return tuple(found)


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


def _is_sound(fault: Fault) -> bool:
    if fault.percent > 100:
        return False
    if fault.name == "error":
        return 500 <= fault.value <= 599
    return fault.value <= (MOST_MS if fault.name == "latency" else MOST_S)


def _unknown() -> Failure:
    text = "a fault is latency=MS, error=5XX, throttle=SECONDS or drop, each with @PERCENT%"
    return Failure(Kind.INVALID, text, at=HEADER)
