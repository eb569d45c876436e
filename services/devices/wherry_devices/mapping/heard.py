"""Readings and what devices tell of themselves become what was last heard, the same in any order.

All of it can be merged with itself or in another order without a change: a payload that is worked
on again changes nothing.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from wherry_devices.mapping.reading import Origin, Reading
from wherry_devices.mapping.vitals import BY_UNIT, PANELS

Of = tuple[str, str, str]
"""Opaque key of a device or account, FHIR id of the patient or "", kind."""

_DAY_S, _QUARTER_S, _HALF = 86_400, 900, 48
_EPOCH = date(1970, 1, 1).toordinal()
_MEASURED = frozenset({Origin.DEVICE, Origin.UNKNOWN})
_GROUPS = {kind: "bp" for panel in PANELS.values() for kind in panel.all} | {
    kind: name for name, kinds in BY_UNIT.items() for kind in kinds
}


@dataclass(frozen=True, slots=True)
class Last:
    """The newest reading of one kind. Times are seconds since 1970.

    `heard_s` is when the newest one came first, `received_s` when any came last.
    """

    source: str
    unit: str
    model: str
    measured_s: float
    heard_s: float
    received_s: float

    def after(self, other: "Last") -> "Last":
        """What is known after both, whichever came first."""
        received_s = max(self.received_s, other.received_s)
        if self.measured_s != other.measured_s:
            newest = max(self, other, key=lambda one: one.measured_s)
            return replace(newest, received_s=received_s)
        return replace(
            self,
            model=max(self.model, other.model),
            heard_s=min(self.heard_s, other.heard_s),
            received_s=received_s,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """Quarters of an hour of a day of UTC in which a device measured; `named`: the date alone."""

    morning: int = 0
    evening: int = 0
    named: int = 0

    def after(self, other: "Day") -> "Day":
        """The quarters of both."""
        return Day(
            self.morning | other.morning, self.evening | other.evening, self.named | other.named
        )

    @property
    def quarters(self) -> tuple[int, ...]:
        """The numbers of the quarters, 0 to 95."""
        bits = self.morning | self.evening << _HALF
        return tuple(number for number in range(2 * _HALF) if bits >> number & 1)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told last under one name, in seconds since 1970 and as text."""

    at_s: float
    value: str

    def after(self, other: "Told") -> "Told":
        """The later of both; of two at one time the greater text, so that the order is nothing."""
        return max(self, other, key=lambda one: (one.at_s, one.value))


STEPS: Mapping[str, tuple[float, ...]] = {
    "lag": (60, 300, 900, 3600, 10_800, 21_600, 86_400, 604_800),
    "clock": (1, 10, 60, 120, 600, 3600, 86_400),
}
"""Upper ends in seconds: from measurement to receipt, and between two clocks."""

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", Last, Day, Told)


class Heard:
    """What some payloads say, put together."""

    def __init__(self) -> None:
        self.lasts: dict[Of, Last] = {}
        self.days: dict[tuple[str, str, str, int], Day] = {}
        self.told: dict[tuple[str, str], Told] = {}
        self.steps: dict[tuple[str, str, str], tuple[int, float]] = {}

    def readings(self, readings: Iterable[Reading], patient: str, received_at: datetime) -> None:
        """Note measurements of a patient's devices; "" while nobody owns them.

        What a person typed, what was worked out of other numbers, demonstrations and what was
        taken back say nothing of a device.
        """
        received_s = received_at.timestamp()
        for one in readings:
            if one.origin not in _MEASURED or one.demo or one.deleted:
                continue
            measured_s = (one.end or one.instant).timestamp()
            last = Last(one.source, one.owner, one.model, measured_s, received_s, received_s)
            kind = group_of(one.kind)
            self.step(one.source, "lag", max(0.0, received_s - measured_s))
            for key in one.keys:
                of = (key.opaque, patient, kind)
                _merge(self.lasts, of, last)
                if one.origin is Origin.DEVICE:
                    day, made = _day(one)
                    _merge(self.days, (*of, day), made)
            if one.device is not None and one.account is not None:
                self.tell(one.owner, "account", received_at, one.account.opaque)
            if one.gateway is not None:
                self.tell(one.owner, "gateway", received_at, one.gateway.opaque)
                self.tell(one.gateway.opaque, "heard", received_at)

    def tell(self, key: str, name: str, at: datetime, value: str = "") -> None:
        """Note what was told of a device, an account or a hub."""
        _merge(self.told, (key, name), Told(at.timestamp(), value))

    def step(self, source: str, name: str, seconds: float) -> None:
        """Count seconds of something; unlike the rest, a payload that is read again counts."""
        bound = next((f"{end:g}" for end in STEPS[name] if seconds <= end), "+Inf")
        count, sum_s = self.steps.get((source, name, bound), (0, 0.0))
        self.steps[source, name, bound] = (count + 1, sum_s + seconds)

    def merge(self, other: "Heard") -> None:
        """Add what others say."""
        for key, last in other.lasts.items():
            _merge(self.lasts, key, last)
        for at, day in other.days.items():
            _merge(self.days, at, day)
        for name, told in other.told.items():
            _merge(self.told, name, told)
        for step, (count, sum_s) in other.steps.items():
            before, before_s = self.steps.get(step, (0, 0.0))
            self.steps[step] = (before + count, before_s + sum_s)

    def clear(self) -> None:
        """Forget all of it."""
        for rows in (self.lasts, self.days, self.told, self.steps):
            rows.clear()

    def __bool__(self) -> bool:
        return bool(self.lasts or self.told)


def group_of(kind: str) -> str:
    """What a person calls it: both pressures are `bp`, either unit of glucose is `glucose`."""
    return _GROUPS.get(kind, kind)


def _merge(rows: dict[Key, Row], key: Key, row: Row) -> None:
    before = rows.get(key)
    rows[key] = row if before is None else row.after(before)


def _day(one: Reading) -> tuple[int, Day]:
    if one.civil:
        return one.instant.date().toordinal() - _EPOCH, Day(named=1)
    at_s = int((one.end or one.instant).timestamp())
    day, second = divmod(at_s, _DAY_S)
    quarter = second // _QUARTER_S
    if quarter < _HALF:
        return day, Day(morning=1 << quarter)
    return day, Day(evening=1 << quarter - _HALF)
