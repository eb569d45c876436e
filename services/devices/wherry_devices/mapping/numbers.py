"""A number of a payload becomes a Decimal with the digits that it was measured with."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from wherry.units import Conversion

_DIGITS = 17  # what a double has, far fewer than Decimal's 28: nothing is ever rounded
ABSENT = "absent"
_EXPONENTS = range(-17, 13)


_TEXT = re.compile(r"[+-]?[0-9]{1,17}(\.[0-9]{1,12})?", re.ASCII)

# How devices and hubs write what is no number. Source: IEEE 11073-20601 (special values of FLOAT
# and SFLOAT), its measurement status, and the data-absent-reason that FHIR's PHD guide gives each.
SPECIAL = {
    "NaN": "not-a-number",
    "+INF": "positive-infinity",
    "-INF": "negative-infinity",
    "NRes": "error",
    "Reserved": "error",
    "INVALID": "error",
    "UNAVAILABLE": "not-performed",
    "ONGOING": "temp-unknown",
}


def whole(value: Any) -> int | None:
    """A JSON integer; None for anything else, true and false among it."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def decimal(value: Any) -> Decimal | None:
    """A JSON number with all its digits; None for anything else and for absurdly many digits."""
    number = whole(value)
    made = Decimal(number) if number is not None else value
    if not isinstance(made, Decimal) or not made.is_finite():
        return None
    _, digits, exponent = made.as_tuple()
    fits = isinstance(exponent, int) and len(digits) <= _DIGITS and exponent in _EXPONENTS
    return made if fits else None


def scaled(value: Any, exponent: Any) -> Decimal | None:
    """value · 10^exponent, exactly; None when one of them is not what it should be."""
    number, power = decimal(value), whole(exponent)
    if number is None or power is None or power not in _EXPONENTS:
        return None
    return plain(number.scaleb(power))


def quantised(value: Decimal, quantum: Decimal) -> Decimal:
    """The value with as many digits as the quantum has; unchanged when that would round it."""
    made = value.quantize(quantum)
    return made if made == value else value


def plain(value: Decimal) -> Decimal:
    """The same number without a positive exponent: 1E+2 is 100."""
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


def parsed(value: Any) -> Decimal | None:
    """A number that was sent as a text, with all its digits; JSON numbers are taken, too."""
    if not isinstance(value, str):
        return decimal(value)
    text = value.strip()
    return decimal(Decimal(text)) if _TEXT.fullmatch(text) else None


def rounded(value: Decimal, resolution: Decimal) -> Decimal:
    """The value at the device's own resolution: what a float in between added goes away."""
    return value.quantize(resolution, rounding=ROUND_HALF_EVEN)


def converted(value: Decimal, by: Conversion) -> Decimal:
    """The same amount in another unit: exact by powers of ten, else to one digit after the point.

    The number as it was said stays with the reading.
    """
    factor = (by.times / by.over).normalize().as_tuple()
    if not by.offset and factor.digits == (1,) and isinstance(factor.exponent, int):
        return plain(value.scaleb(factor.exponent))
    return rounded(by(value), Decimal("0.1"))
