"""What one person's devices at home send, whose they are, and what must be found after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry.suite.demo.feed import ADMITTED_BEFORE, Result

BEFORE = ADMITTED_BEFORE + timedelta(hours=2)
"""How long before the feed's end the last of them was taken: all are older than the feed's own."""
LENGTH = timedelta(days=1)

_SINCE = "2020-01-01T00:00:00+00:00"  # the same in every run: the binding stays the one it is


@dataclass(frozen=True, slots=True)
class Cloud:
    """The same day as the sandbox of a vendor's cloud is told it: an account and its readings.

    Of the corrected ones, by their place, `corrected` has the right numbers; `at_first` is what is
    found before.
    """

    account: str
    readings: tuple[Mapping[str, Any], ...] = field(repr=False)
    at_first: tuple[Result, ...] = field(repr=False)
    corrected: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Day:
    """The payloads of one source about one person, in the order in which they come.

    A later one may correct what an earlier one said: `results` are what stands at the end. With
    `cloud`, they can be fetched instead.
    """

    source: str
    title: str
    mrn: str
    begins: datetime
    bindings: tuple[Mapping[str, str], ...]
    payloads: tuple[Any, ...] = field(repr=False)
    results: tuple[Result, ...] = field(repr=False)
    cloud: Cloud | None = None


def last_of(reference: datetime) -> datetime:
    """When the last reading at home was taken, for a feed that ends at `reference`.

    To the second: whoever plays the demo again at the same minute of another hour meets no reading
    of the run before.
    """
    return reference.replace(microsecond=0) - BEFORE


def begins(last: datetime) -> datetime:
    """A moment before the first reading of the day that ends so."""
    return last - LENGTH - timedelta(hours=1)


def binding(source: str, kind: str, name: str) -> Mapping[str, str]:
    """The owner's claim on a "device" or an "account", for as long as anybody remembers."""
    return {"source": source, kind: name, "valid_from": _SINCE, "verified_by": "wherry demo"}
