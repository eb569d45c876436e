"""The two small floats of medical devices become decimals with the digits that were measured.

Source: IEEE 11073-20601 annex F.
"""

from decimal import Decimal

NUMBER = Decimal | str
"""A number, or the name of the special value that stands for none."""

_SFLOAT = {0x07FF: "NaN", 0x0800: "NRes", 0x07FE: "+INF", 0x0802: "-INF", 0x0801: "Reserved"}
_FLOAT = {
    0x007FFFFF: "NaN",
    0x00800000: "NRes",
    0x007FFFFE: "+INF",
    0x00800002: "-INF",
    0x00800001: "Reserved",
}


def sfloat(raw: int) -> NUMBER:
    """Sixteen bits: a mantissa of 12, an exponent of 4, both in two's complement.

    Special values are told by the mantissa; the exponent is not looked at.
    """
    mantissa, exponent = raw & 0x0FFF, raw >> 12
    special = _SFLOAT.get(mantissa)
    return special or _number(_signed(mantissa, 12), _signed(exponent, 4))


def float32(raw: int) -> NUMBER:
    """Thirty-two bits: a mantissa of 24, an exponent of 8, both in two's complement."""
    mantissa, exponent = raw & 0x00FFFFFF, raw >> 24
    special = _FLOAT.get(mantissa)
    return special or _number(_signed(mantissa, 24), _signed(exponent, 8))


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _number(mantissa: int, exponent: int) -> NUMBER:
    """2.0 and 2.00 are two precisions; 20 is written out and never 2E+1."""
    if exponent > 0:
        return Decimal(mantissa * 10**exponent) if exponent <= 12 else "Reserved"
    return Decimal(mantissa).scaleb(exponent) if exponent >= -12 else "Reserved"
