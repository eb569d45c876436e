"""A number of a payload becomes a Decimal with the digits that it was measured with."""

from decimal import Decimal
from typing import Any

_DIGITS = 15  # more than any device has, far fewer than Decimal's 28: nothing is ever rounded
_EXPONENTS = range(-12, 13)


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
