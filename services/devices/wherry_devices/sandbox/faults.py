"""Faults on purpose: what one of the next requests at a vendor is answered with."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from flask import Response

from wherry.errors import Failure, Kind

DATA, TOKENS = "data", "tokens"
THROTTLE, ERROR, SLOW, DROP = "throttle", "error", "slow", "drop"
MALFORMED, REFUSE_REFRESH, DUPLICATE = "malformed", "refuse_refresh", "duplicate"
KINDS = frozenset({THROTTLE, ERROR, SLOW, DROP, MALFORMED, REFUSE_REFRESH, DUPLICATE})
_MOST_S = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble for the next `times` requests, after `skip` good ones.

    `value`: seconds of Retry-After or of waiting, or the status of an error.
    """

    vendor: str
    kind: str
    part: str = DATA
    value: float = 0.0
    times: int = 1
    skip: int = 0


@dataclass(slots=True)
class Faults:
    """Those that are still to happen, in the order in which they were asked for."""

    sleep: Callable[[float], None]
    waiting: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, fault: Fault) -> None:
        """Raises: Failure(INVALID) for one that is none."""
        sound = fault.kind in KINDS and fault.part in (DATA, TOKENS) and fault.times > 0
        if not sound or not 0 <= fault.value <= 599 or fault.skip < 0:
            raise Failure(Kind.INVALID, f"a fault is one of {', '.join(sorted(KINDS))}", at="kind")
        with self.lock:
            self.waiting.append(fault)

    def take(self, vendor: str, part: str, kinds: frozenset[str]) -> Fault | None:
        """The first fault of these kinds whose turn it is; counts it."""
        with self.lock:
            for number, one in enumerate(self.waiting):
                if (one.vendor, one.part) != (vendor, part) or one.kind not in kinds:
                    continue
                if one.skip:
                    self.waiting[number] = replace(one, skip=one.skip - 1)
                    return None
                left = replace(one, times=one.times - 1)
                self.waiting[number : number + 1] = [left] if left.times else []
                return one
        return None

    def strike(self, vendor: str, part: str) -> Response | None:
        """What a request is answered instead of what it asked for; None when nothing is wrong."""
        one = self.take(vendor, part, frozenset(_ANSWERS) | {SLOW})
        if one is None:
            return None
        if one.kind == SLOW:
            self.sleep(min(one.value, _MOST_S))
            return None
        return _ANSWERS[one.kind](one)


def _throttled(fault: Fault) -> Response:
    return Response(status=429, headers={"Retry-After": str(int(fault.value or 1))})


def _failed(fault: Fault) -> Response:
    return Response(status=int(fault.value or 500))


def _dropped(_fault: Fault) -> Response:
    """The connection ends inside the answer: its length was promised and never comes."""
    answer = Response(_broken(), status=200, content_type="application/json")
    answer.headers["Content-Length"] = "4096"
    return answer


def _broken() -> Iterator[bytes]:
    yield b'{"'
    raise ConnectionAbortedError("dropped on purpose")


def _malformed(_fault: Fault) -> Response:
    return Response(b'{"cut": [1, 2', status=200, content_type="application/json")


_ANSWERS: dict[str, Callable[[Fault], Response]] = {
    THROTTLE: _throttled,
    ERROR: _failed,
    DROP: _dropped,
    MALFORMED: _malformed,
}
