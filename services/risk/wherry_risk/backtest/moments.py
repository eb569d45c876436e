"""A person's stays become the moments at which a model is asked, and what it says of each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from wherry.resource import Resource
from wherry_risk.model.moments import moment
from wherry_risk.model.stay import CLASSES

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=60)
"""Hourly moments end here: a stay that is longer is one that nobody has closed."""


class Moment(NamedTuple):
    """When a model is asked, about which stay."""

    at: datetime
    encounter: str


class Judgement(msgspec.Struct, frozen=True, array_like=True):
    """What came out at one moment.

    `probability` and `margin` are the graph's, also when the service would have refused for want of
    inputs; None when the model cannot do without what was missing, or is for other people.
    `outcome` is None when nobody knows. `row` has None where nothing was known.
    """

    at: datetime
    encounter: str
    probability: float | None
    margin: float | None
    tier: str
    refusal: str
    missing: tuple[str, ...]
    row: tuple[float | None, ...]
    groups: tuple[str, ...]
    outcome: bool | None
    news2: float | None


class _Stay(NamedTuple):
    id: str
    start: datetime
    end: datetime | None


def _first_day(stay: _Stay, until: datetime) -> Iterator[datetime]:
    """The end of the first day, of those who are still there."""
    at = stay.start + DAY
    if at <= (stay.end or until):
        yield at


def _hourly(stay: _Stay, until: datetime) -> Iterator[datetime]:
    """Every hour from the first on, to the end."""
    end = min(stay.end or until, stay.start + LONGEST)
    at = stay.start + HOUR
    while at <= end:
        yield at
        at += HOUR


def _discharge(stay: _Stay, _until: datetime) -> Iterator[datetime]:
    """The end, of stays that have ended."""
    if stay.end is not None:
        yield stay.end


RULES: Mapping[str, Callable[[_Stay, datetime], Iterator[datetime]]] = {
    "first-day": _first_day,
    "hourly": _hourly,
    "discharge": _discharge,
}
# By model: when it is asked, as its card says.
OF_MODEL: Mapping[str, str] = {
    "icu-mortality-24h": "first-day",
    "icu-mortality-24h-full": "first-day",
    "sepsis-6h": "hourly",
    "sepsis-6h-vitals": "hourly",
    "readmission-30d": "discharge",
}


def moments(rule: str, encounters: Sequence[Resource], *, until: datetime) -> list[Moment]:
    """The moments of all inpatient stays that took place, in order; `until` is when the export was.

    Which stays are those of the model's setting nobody but the site can say: all of the export are
    taken for that.
    """
    stays = sorted(_stays(encounters), key=lambda stay: (stay.start, stay.id))
    return [Moment(at, stay.id) for stay in stays for at in RULES[rule](stay, until) if at <= until]


def _stays(encounters: Sequence[Resource]) -> Iterator[_Stay]:
    for one in encounters:
        class_, period = one.get("class"), one.get("period")
        code = class_.get("code") if isinstance(class_, dict) else None
        if code not in CLASSES["inpatient"] or not isinstance(period, dict):
            continue
        start, end = moment(str(period.get("start", ""))), moment(str(period.get("end", "")))
        if start is None or one.get("status") not in {"finished", "in-progress"}:
            continue
        yield _Stay(str(one.get("id", "")), start, end)
