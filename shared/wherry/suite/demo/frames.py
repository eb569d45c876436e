"""Numbers become the bytes of Bluetooth health characteristics, as hexadecimal text.

Source: Bluetooth GATT Specification Supplement; IEEE 11073-20601, SFLOAT and FLOAT.
"""

from datetime import datetime
from decimal import Decimal

BLOOD_PRESSURE, TEMPERATURE, GLUCOSE, OXIMETRY = "2A35", "2A1C", "2A18", "2A5E"

_NAN = 0x007FFFFF
_TIMED, _WITH_PULSE, _WITH_STATUS, _WITH_TYPE = 0b10, 0b100, 0b10000, 0b100
_IRREGULAR = 0b100
_OFFSET_AND_AMOUNT = 0b11
_CAPILLARY_FINGER = 0x11


def blood_pressure(
    at: datetime, measured: tuple[str, str, str, str], *, irregular: bool = False
) -> str:
    """0x2A35: systolic, diastolic, mean in mmHg, and pulse.

    `at` is what the device's clock shows, without a zone.
    """
    flags = _TIMED | _WITH_PULSE | (_WITH_STATUS if irregular else 0)
    status = _bytes(_IRREGULAR, 2) if irregular else b""
    systolic, diastolic, mean, pulse = map(_sfloat, measured)
    return (_bytes(flags, 1) + systolic + diastolic + mean + _time(at) + pulse + status).hex()


def temperature(at: datetime, celsius: str, site: int) -> str:
    """0x2A1C in degrees Celsius; an empty text says that the thermometer did not manage."""
    value = _float(celsius) if celsius else _bytes(_NAN, 4)
    return (_bytes(_TIMED | _WITH_TYPE, 1) + value + _time(at) + _bytes(site, 1)).hex()


def oximetry(at: datetime, saturation: str, pulse: str) -> str:
    """0x2A5E, a spot check."""
    return (_bytes(1, 1) + _sfloat(saturation) + _sfloat(pulse) + _time(at)).hex()


def glucose(at: datetime, sequence: int, mg_per_dl: str, minutes: int = 0) -> str:
    """0x2A18, capillary whole blood in kg/L; the meter's owner moved its clock by `minutes`."""
    head = _bytes(_OFFSET_AND_AMOUNT, 1) + _bytes(sequence, 2) + _time(at)
    amount = _sfloat(str(Decimal(mg_per_dl).scaleb(-5)))
    return (head + _bytes(minutes & 0xFFFF, 2) + amount + _bytes(_CAPILLARY_FINGER, 1)).hex()


def _sfloat(text: str) -> bytes:
    mantissa, exponent = _parts(text)
    return _bytes((exponent & 0xF) << 12 | mantissa & 0xFFF, 2)


def _float(text: str) -> bytes:
    mantissa, exponent = _parts(text)
    return _bytes((exponent & 0xFF) << 24 | mantissa & 0xFFFFFF, 4)


def _parts(text: str) -> tuple[int, int]:
    number = Decimal(text)
    exponent = int(number.as_tuple().exponent)
    return int(number.scaleb(-exponent)), exponent


def _time(at: datetime) -> bytes:
    return _bytes(at.year, 2) + bytes((at.month, at.day, at.hour, at.minute, at.second))


def _bytes(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")
