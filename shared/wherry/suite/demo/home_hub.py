"""A day of four Bluetooth devices at a patient's bed, as their hub passes the frames on.

The cuff's clock is seven minutes slow and once it noticed an irregular pulse; the thermometer did
not manage once, and slipped once; of the glucose meter's clock the hub knows nothing but its zone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wherry.suite.demo import frames
from wherry.suite.demo.day import Day, begins, binding
from wherry.suite.demo.feed import Result
from wherry.suite.demo.roster import Person

_HERE = ZoneInfo("Africa/Tunis")  # an hour ahead of UTC all year: no time of the day is there twice
_SLOW = timedelta(minutes=7)
_ARMPIT = 1
_MMHG = ("8480-6", "8462-4", "8478-0")
_PULSE, _OXYGEN, _TEMPERATURE, _GLUCOSE = "8867-4", "2708-6", "8310-5", "41653-7"
_NO_NUMBER = "not-a-number"

# Hours before the last reading → systolic, diastolic, mean, pulse, and whether it was irregular
_PRESSURES = (
    (24, ("142", "88", "106", "84"), False),
    (12, ("151", "93", "112", "97"), True),
    (1, ("139", "86", "104", "82"), False),
)
_SATURATIONS = ((23, "93", "85"), (11, "91", "96"), (0, "92", "83"))
_TEMPERATURES = ((22, "36.9"), (11, "33.6"), (1, "37.1"), (0, ""))
_GLUCOSES = ((21, "118"), (9, "164"), (2, "109"))


def hub(person: Person, last: datetime) -> Day:
    """The day that ends at `last`: what the hub collected, in one report for each device."""
    made = _Made(person, last)
    for hours, measured, irregular in _PRESSURES:
        at = made.at(hours)
        frame = frames.blood_pressure(made.shown(at) - _SLOW, measured, irregular=irregular)
        values = zip((*_MMHG, _PULSE), measured, strict=True)
        made.add("cuff", frames.BLOOD_PRESSURE, frame, at, *values)
    for hours, saturation, pulse in _SATURATIONS:
        at = made.at(hours)
        frame = frames.oximetry(made.shown(at), saturation, pulse)
        made.add("oximeter", frames.OXIMETRY, frame, at, (_OXYGEN, saturation), (_PULSE, pulse))
    for hours, celsius in _TEMPERATURES:
        at = made.at(hours)
        frame = frames.temperature(made.shown(at), celsius, _ARMPIT)
        made.add(
            "thermometer", frames.TEMPERATURE, frame, at, (_TEMPERATURE, celsius or _NO_NUMBER)
        )
    for sequence, (hours, amount) in enumerate(_GLUCOSES, 1):
        at = made.at(hours)
        frame = frames.glucose(made.shown(at), sequence, amount)
        made.add("meter", frames.GLUCOSE, frame, at, (_GLUCOSE, amount))
    return Day(
        "ble-hub",
        "Bluetooth hub",
        person.mrn,
        begins(last),
        tuple(binding("ble-hub", "device", _address(name, person)) for name in _DEVICES),
        tuple(made.report(name) for name in _DEVICES),
        tuple(made.results),
    )


# What each is called, and by how much its clock is slow; None: the hub did not read its clock
_DEVICES: Mapping[str, tuple[str, timedelta | None]] = {
    "cuff": ("Demo BP-1", _SLOW),
    "oximeter": ("Demo PLX-1", timedelta()),
    "thermometer": ("Demo T-1", timedelta()),
    "meter": ("Demo GL-1", None),
}


class _Made:
    """Frames by device, and what must become of them."""

    def __init__(self, person: Person, last: datetime) -> None:
        self._person, self._last = person, last
        self._frames: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _DEVICES}
        self.results: list[Result] = []

    def at(self, hours: int) -> datetime:
        """So many hours before the last reading."""
        return self._last - timedelta(hours=hours)

    def shown(self, at: datetime) -> datetime:
        """What a clock on the wall shows then."""
        return at.astimezone(_HERE).replace(tzinfo=None)

    def add(
        self, device: str, characteristic: str, frame: str, at: datetime, *values: tuple[str, str]
    ) -> None:
        """A frame that the hub fetched within the minute, and the values in it."""
        model, slow = _DEVICES[device]
        met = at + timedelta(seconds=40)
        clocks = (
            {}
            if slow is None
            else {
                "hub_clock": met.astimezone(_HERE).isoformat(),
                "device_clock": (self.shown(met) - slow).isoformat(),
            }
        )
        self._frames[device].append(
            {
                "characteristic": characteristic,
                "value_hex": frame,
                "received_at": met.astimezone(UTC).isoformat(),
                "peripheral": {"address": _address(device, self._person), "model": model},
                **clocks,
            }
        )
        self.results += [Result(self._person.mrn, code, at, value) for code, value in values]

    def report(self, device: str) -> Mapping[str, Any]:
        """All frames of one device."""
        hub = f"demo-hub-{self._person.number:04d}"
        return {"hub": hub, "zone": str(_HERE), "frames": self._frames[device]}


def _address(name: str, person: Person) -> str:
    return f"demo-{name}-{person.number:04d}"
