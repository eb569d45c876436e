"""Faults on purpose, so that clients can be tried against a slow, failing or vanishing server."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from wherry.errors import Failure, Kind

HEADER = "X-Wherry-Fault"
MOST_MS, MOST_S = 60_000, 3600

_FAULT = re.compile(r"(latency|error|throttle|drop)(?:=(\d{1,6}))?(?:@(\d{1,3})%)?", re.ASCII)
_DEFAULTS = {"latency": 1000, "error": 500, "throttle": 2, "drop": 0}


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


def _is_sound(fault: Fault) -> bool:
    if fault.percent > 100:
        return False
    if fault.name == "error":
        return 500 <= fault.value <= 599
    return fault.value <= (MOST_MS if fault.name == "latency" else MOST_S)


def _unknown() -> Failure:
    text = "a fault is latency=MS, error=5XX, throttle=SECONDS or drop, each with @PERCENT%"
    return Failure(Kind.INVALID, text, at=HEADER)
