"""What a payload says of a device itself: battery, signal, clock, its hub. Nothing is guessed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from wherry_devices.mapping.instants import epoch, iso, naive_of
from wherry_devices.mapping.names import name_of
from wherry_devices.mapping.numbers import decimal, parsed
from wherry_devices.mapping.reading import DEVICE, DeviceKey
from wherry_devices.mapping.template import Compiled, Telemetry

GATEWAY, ACCOUNT, HEARD = "gateway", "account", "heard"
DRIFT, EVERY = "drift_s", "heartbeat_every_s"
BATTERY, BATTERY_LEVEL = "battery_percent", "battery_level"
RSSI, CELLULAR, SIGNAL = "rssi_dbm", "cellular_dbm", "signal"
LEVELS = frozenset({"high", "medium", "low"})
CLOCKS = frozenset({"device_clock", "hub_clock"})

_LIMITS: Mapping[str, tuple[int, int]] = {
    BATTERY: (0, 100),
    RSSI: (-127, 20),  # Bluetooth Core 5.4, vol 4 part E 7.5.4
    CELLULAR: (-150, 0),
    EVERY: (1, 604_800),
    SIGNAL: (-1000, 1000),  # of a scale that the source does not tell: shown, never judged
}
NAMES = frozenset({*_LIMITS, BATTERY_LEVEL, *CLOCKS})
"""What a template may give places for."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that was told of a device or a hub, by its opaque key."""

    key: str
    name: str
    at: datetime
    value: str = ""


def words(payload: Any, compiled: Compiled, received_at: datetime) -> Iterator[Word]:
    """All that a payload tells; what is out of its range or of another shape is not told.

    A time after the receipt is not believed: the receipt stands for it.
    """
    for rule in compiled.template.telemetry:
        items = compiled.get(rule.items, payload, payload)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                yield from _of_item(_Place(compiled, item, payload), rule, received_at)


@dataclass(frozen=True, slots=True)
class _Place:
    compiled: Compiled
    item: Any
    payload: Any

    def __call__(self, text: str) -> Any:
        return self.compiled.get(text, self.item, self.payload)

    def key(self, kind: str, text: str) -> str:
        name = name_of(self(text))
        return DeviceKey(self.compiled.template.id, kind, name).opaque if name else ""


def _of_item(place: _Place, rule: Telemetry, received_at: datetime) -> Iterator[Word]:
    if rule.when and not place(rule.when):
        return
    device, gateway = place.key(DEVICE, rule.device), place.key(GATEWAY, rule.gateway)
    about = device if rule.device else gateway
    if not about:
        return
    at = min(_time(place(rule.at)) or received_at, received_at)
    if gateway:
        yield Word(gateway, HEARD, received_at)
        if device:
            yield Word(device, GATEWAY, received_at, gateway)
    said = {name: place(text) for name, text in rule.said.items()}
    for name, value in said.items():
        read = _READERS.get(name)
        text = read(_plain(value, rule)) if read else ""
        if text:
            yield Word(about, name, at, text)
    drift = _drift(said)
    if drift is not None:
        yield Word(about, DRIFT, at, str(drift))


def _plain(value: Any, rule: Telemetry) -> Any:
    if rule.text and isinstance(value, str):
        return parsed(value)
    return value


def _within(name: str) -> Callable[[Any], str]:
    low, high = _LIMITS[name]

    def read(value: Any) -> str:
        number = decimal(value)
        return str(number) if number is not None and low <= number <= high else ""

    return read


def _level(value: Any) -> str:
    return value if isinstance(value, str) and value in LEVELS else ""


_READERS: Mapping[str, Callable[[Any], str]] = {
    BATTERY_LEVEL: _level,
    **{name: _within(name) for name in _LIMITS},
}


def _drift(said: Mapping[str, Any]) -> Decimal | None:
    """Seconds that the device's clock is ahead of the hub's, both at the same moment.

    A clock of a device has no zone: it is compared with the hub's local time.
    """
    device, hub = naive_of(said.get("device_clock")), iso(said.get("hub_clock"))
    if device is None or hub is None:
        return None
    return Decimal(str((device - hub.at.replace(tzinfo=None)).total_seconds()))


def _time(value: Any) -> datetime | None:
    moment = iso(value) or epoch(value, "")
    return moment.at.astimezone(UTC) if moment else None
