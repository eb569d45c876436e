"""One value of a Bluetooth health characteristic becomes the fields that it is made of.

Source: Bluetooth GATT Specification Supplement. Times are the device's own, without a zone.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from wherry_devices.connectors.ieee11073 import NUMBER, float32, sfloat

_SITES = (
    *("", "armpit", "body", "ear", "finger", "gastrointestinal tract", "mouth", "rectum", "toe"),
    "tympanum",
)
_MEALS = ("", "before meal", "after meal", "fasting", "casual", "bedtime")
_CARBOHYDRATES = ("", "breakfast", "lunch", "dinner", "snack", "drink", "supper", "brunch")
_TESTERS = ("", "self", "health care professional", "laboratory")
_HEALTH = (
    *("", "minor health issues", "major health issues", "during menses", "under stress"),
    "no health issues",
)
_MEDICATIONS = (
    *("", "rapid acting insulin", "short acting insulin", "intermediate acting insulin"),
    *("long acting insulin", "pre-mixed insulin"),
)
_OVERRUN = 0xFFFF
CONTROL_SOLUTION = 10
_UNKNOWN_USER = 0xFF
_CLOCK_NOT_SET = 1 << 11
_HIGH, _LOW = 1 << 5, 1 << 6
# Bits of an oximeter's measurement status. Source: Pulse Oximeter Service 1.0.1, 3.1.1.4.
_MEASURED = {
    "early": 1 << 6,
    "demonstration": 1 << 10,
    "test": 1 << 11,
    "calibrating": 1 << 12,
    "questionable": 1 << 14,
}
_UNMEASURED = ((1 << 15, "INVALID"), (1 << 13, "UNAVAILABLE"), (1 << 5, "ONGOING"))
# Bits of its device and sensor status that put a number in doubt, all but an update of the display,
# low perfusion and an analysis that goes on; 3.1.1.5.
_DOUBTFUL, _LOW_PERFUSION = 0xFDDE, 1 << 5


class Short(ValueError):
    """The value ends before all fields are there that its flags promise."""


class _Bytes:
    """A value, read from its start."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def uint(self, size: int) -> int:
        """So many bytes, the lowest first."""
        end = self._at + size
        if end > len(self._data):
            raise Short
        found = int.from_bytes(self._data[self._at : end], "little")
        self._at = end
        return found

    def int16(self) -> int:
        """Two bytes with a sign."""
        found = self.uint(2)
        return found - 0x10000 if found >> 15 else found

    def sfloat(self) -> NUMBER:
        """Two bytes of IEEE 11073."""
        return sfloat(self.uint(2))

    def more(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)

    def time(self) -> str:
        """Seven bytes of date and time; empty when the device does not know the day."""
        year, *rest = self.uint(2), *(self.uint(1) for _ in range(5))
        month, day, hour, minute, second = rest
        if not (year and month and day):
            return ""
        return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def blood_pressure(data: _Bytes) -> dict[str, Any]:
    """0x2A35."""
    flags = data.uint(1)
    out: dict[str, Any] = {"unit": "kPa" if flags & 1 else "mmHg"}
    out |= {name: data.sfloat() for name in ("systolic", "diastolic", "map")}
    if flags & 2:
        out["time"] = data.time()
    if flags & 4:
        out["pulse"] = data.sfloat()
    if flags & 8:
        out |= _user(data)
    if flags & 16:
        status = data.uint(2)
        bits = ("body_movement", "cuff_loose", "irregular_pulse")
        out["status"] = {name: bool(status >> bit & 1) for bit, name in enumerate(bits)}
        out["status"] |= {"pulse_range": status >> 3 & 3, "position": bool(status >> 5 & 1)}
    return out


def temperature(data: _Bytes) -> dict[str, Any]:
    """0x2A1C."""
    flags = data.uint(1)
    out: dict[str, Any] = {"unit": "[degF]" if flags & 1 else "Cel"}
    out["temperature"] = float32(data.uint(4))
    if flags & 2:
        out["time"] = data.time()
    if flags & 4:
        out["type"] = type_ = data.uint(1)
        out["site"] = _SITES[type_] if type_ < len(_SITES) else ""
    return out


# What was measured, where it is not what a meter takes at a finger. Source: GSS, Glucose
# Measurement, Type field.
_SPECIMENS = {
    **dict.fromkeys((3, 5, 7), "blood"),
    **dict.fromkeys((4, 6, 8), "plasma"),
    9: "interstitial fluid",
}


def glucose(data: _Bytes) -> dict[str, Any]:
    """0x2A18. A meter's unit is kg/L or mol/L; people's are mg/dL and mmol/L, exactly."""
    flags, seq, time = data.uint(1), data.uint(2), data.time()
    out: dict[str, Any] = {"seq": seq, "time": time, "context_follows": bool(flags & 16)}
    if flags & 1:
        out["offset_min"] = data.int16()
    if flags & 2:
        raw, where = data.sfloat(), data.uint(1)
        out["unit"], power = ("mmol/L", 3) if flags & 4 else ("mg/dL", 5)
        out["value"] = _scaled(raw, power)
        out |= {"type": where & 15, "location": where >> 4}
        out["control_solution"] = out["type"] == CONTROL_SOLUTION
        if specimen := _SPECIMENS.get(out["type"]):
            out["code"] = f"2A18/{specimen}"
    if flags & 8:
        out["status"] = status = data.uint(2)
        out["beyond"] = "high" if status & _HIGH else "low" if status & _LOW else ""
    return out


def glucose_context(data: _Bytes) -> dict[str, Any]:
    """0x2A34. A meter's kilograms and litres are people's grams, milligrams and millilitres."""
    flags, seq = data.uint(1), data.uint(2)
    out: dict[str, Any] = {"seq": seq}
    if flags & 128:
        data.uint(1)
    if flags & 1:
        out["carbohydrates_of"] = _word(_CARBOHYDRATES, data.uint(1))
        out["carbohydrates_g"] = _scaled(data.sfloat(), 3)
    if flags & 2:
        out["meal"] = _word(_MEALS, data.uint(1))
    if flags & 4:
        both = data.uint(1)
        out |= {"tester": _word(_TESTERS, both & 15), "health": _word(_HEALTH, both >> 4)}
    if flags & 8:
        seconds, percent = data.uint(2), data.uint(1)
        out |= {"exercise_percent": percent}
        out |= {} if seconds == _OVERRUN else {"exercise_s": seconds}
    if flags & 16:
        out["medication"] = _word(_MEDICATIONS, data.uint(1))
        name, power = ("medication_ml", 3) if flags & 32 else ("medication_mg", 6)
        out[name] = _scaled(data.sfloat(), power)
    if flags & 64:
        out["hba1c_percent"] = data.sfloat()
    return out


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number] if number < len(words) else ""


def _scaled(raw: NUMBER, power: int) -> NUMBER:
    return raw if isinstance(raw, str) else _plain(raw.scaleb(power))


def weight(data: _Bytes) -> dict[str, Any]:
    """0x2A9D. 0xFFFF says that the scale did not manage."""
    flags, raw = data.uint(1), data.uint(2)
    out: dict[str, Any] = {"unit": "[lb_av]" if flags & 1 else "kg"}
    step = Decimal("0.01") if flags & 1 else Decimal("0.005")
    out["weight"] = "NRes" if raw == 0xFFFF else raw * step
    if flags & 2:
        out["time"] = data.time()
    if flags & 4:
        out |= _user(data)
    if flags & 8:
        bmi, height = data.uint(2), data.uint(2)
        out["bmi"] = bmi * Decimal("0.1")
        out["height"] = height * (Decimal("0.1") if flags & 1 else Decimal("0.001"))
    return out


def oximetry_spot(data: _Bytes) -> dict[str, Any]:
    """0x2A5E."""
    flags = data.uint(1)
    out: dict[str, Any] = {"spo2": data.sfloat(), "pulse": data.sfloat()}
    if flags & 1:
        out["time"] = data.time()
    out |= _oximeter(data, flags >> 1)
    out["clock_not_set"] = bool(flags & 16)
    return out


def oximetry_continuous(data: _Bytes) -> dict[str, Any]:
    """0x2A5F: the normal pair; fast and slow averages are other modalities and not read."""
    flags = data.uint(1)
    out: dict[str, Any] = {"spo2": data.sfloat(), "pulse": data.sfloat()}
    for bit in (1, 2):
        if flags & bit:
            data.uint(4)
    out |= _oximeter(data, flags >> 2)
    return out


def _oximeter(data: _Bytes, flags: int) -> dict[str, Any]:
    """What both characteristics end with, as the three lowest flags promise.

    Numbers that the device itself says are none are replaced by the name of its reason.
    """
    out: dict[str, Any] = {}
    if flags & 1:
        status = data.uint(2)
        out["status"] = {name: bool(status & bit) for name, bit in _MEASURED.items()}
        if none := next((name for bit, name in _UNMEASURED if status & bit), ""):
            out |= {"spo2": none, "pulse": none}
    if flags & 2:
        sensor = data.uint(3)
        out["sensor"] = {
            "doubtful": bool(sensor & _DOUBTFUL),
            "low_perfusion": bool(sensor & _LOW_PERFUSION),
        }
    if flags & 4:
        out["pai"] = data.sfloat()
    return out


def heart_rate(data: _Bytes) -> dict[str, Any]:
    """0x2A37. RR intervals in seconds are multiples of 1/1024."""
    flags = data.uint(1)
    out: dict[str, Any] = {"heart_rate": data.uint(2 if flags & 1 else 1)}
    out["contact"] = flags >> 1 & 3
    out["contact_lost"] = out["contact"] == 2
    if flags & 8:
        out["energy_kj"] = data.uint(2)
    if flags & 16:
        out["rr_s"] = []
        while data.more():
            out["rr_s"].append(Decimal(data.uint(2)) / 1024)
    return out


def _user(data: _Bytes) -> dict[str, Any]:
    user = data.uint(1)
    return {"user_unknown": True} if user == _UNKNOWN_USER else {"user": user}


def _plain(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


_READERS: Mapping[str, Callable[[_Bytes], dict[str, Any]]] = {
    "2A18": glucose,
    "2A1C": temperature,
    "2A34": glucose_context,
    "2A35": blood_pressure,
    "2A37": heart_rate,
    "2A5E": oximetry_spot,
    "2A5F": oximetry_continuous,
    "2A9D": weight,
}


def fields(characteristic: str, value: bytes) -> dict[str, Any] | None:
    """The fields of one value; None for a characteristic that is not known.

    Raises: Short when the value ends too early.
    """
    reader = _READERS.get(characteristic.upper())
    return reader(_Bytes(value)) if reader else None
