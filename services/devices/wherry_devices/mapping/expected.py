"""How often a reading of a kind is expected, and how late its source's cloud always has it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Expected:
    """A reading `every` so long, which may come `delay` later; None: nobody waits for one."""

    every: timedelta | None
    delay: timedelta = timedelta()


WHENEVER = Expected(None)
_DAILY, _TOTAL = Expected(_DAY), Expected(_DAY, delay=_DAY)

# Proposals, to be signed off by a clinician. What is a total of a day comes when the day is over.
KINDS: Mapping[str, Expected] = {
    "bp": _DAILY,
    "cgm": Expected(5 * _MINUTE),
    "glucose": _DAILY,
    "heart_rate": _DAILY,
    "heart_rate_resting": _TOTAL,
    "hrv_sdnn": _TOTAL,
    "resp_rate": _DAILY,
    "spo2": _DAILY,
    "steps": _TOTAL,
    "weight": _DAILY,
}
"""By kind, as `heard.group_of` calls it; what is not here is measured when somebody feels like it.
"""

# Dexcom's API has values an hour late, in the United States three; aggregators read that same API.
# Source: developer.dexcom.com, v3; Validic, Dexcom Time Representations. A file that a person
# exports, and a recording of the heart, come when they come.
SOURCES: Mapping[str, Mapping[str, Expected]] = {
    "apple-export": {ANY: WHENEVER},
    "dexcom": {"cgm": Expected(5 * _MINUTE, delay=3 * _HOUR)},
    "junction": {"cgm": Expected(5 * _MINUTE, delay=3 * _HOUR)},
    "kardia": {ANY: WHENEVER},
    "terra": {"cgm": Expected(5 * _MINUTE, delay=3 * _HOUR)},
    "validic": {"cgm": Expected(5 * _MINUTE, delay=3 * _HOUR)},
}


def expected(source: str, kind: str, every: timedelta | None = None) -> Expected:
    """What is expected of a kind from a source; `every` is what a binding says instead.

    A cloud's delay stays: nobody who expects more makes it faster.
    """
    rules = SOURCES.get(source, {})
    found = rules.get(kind) or rules.get(ANY) or KINDS.get(kind, WHENEVER)
    return replace(found, every=every) if every is not None else found
