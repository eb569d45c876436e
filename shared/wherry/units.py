"""A number in one UCUM unit becomes the same amount in another, exactly, or not at all."""

from dataclasses import dataclass
from decimal import Decimal

from wherry.fhir.systems import UCUM


@dataclass(frozen=True, slots=True)
class Conversion:
    """(value - offset) * times / over; three numbers keep 98.6 [degF] at exactly 37 Cel."""

    offset: Decimal = Decimal(0)
    times: Decimal = Decimal(1)
    over: Decimal = Decimal(1)

    def __call__(self, value: Decimal) -> Decimal:
        """The same amount in the target unit."""
        if self is SAME or self == SAME:
            return value
        return (value - self.offset) * self.times / self.over


SAME = Conversion()

# Source: NIST SP 811 appendix B.8 (the avoirdupois pound is exact); mm[Hg] = 133.322387415 Pa
# (conventional millimetre of mercury).
_TO: dict[str, dict[str, Conversion]] = {
    "Cel": {
        "[degF]": Conversion(offset=Decimal(32), times=Decimal(5), over=Decimal(9)),
        "K": Conversion(offset=Decimal("273.15")),
    },
    "mm[Hg]": {
        "kPa": Conversion(times=Decimal(1000), over=Decimal("133.322387415")),
        "cm[Hg]": Conversion(times=Decimal(10)),
    },
    "%": {"1": Conversion(times=Decimal(100))},
    "kg": {
        "g": Conversion(over=Decimal(1000)),
        "[lb_av]": Conversion(times=Decimal("0.45359237")),
        "[stone_av]": Conversion(times=Decimal("6.35029318")),
        "[oz_av]": Conversion(times=Decimal("0.028349523125")),
    },
    "cm": {
        "m": Conversion(times=Decimal(100)),
        "[in_i]": Conversion(times=Decimal("2.54")),
        "[ft_i]": Conversion(times=Decimal("30.48")),
    },
    "m": {
        "km": Conversion(times=Decimal(1000)),
        "cm": Conversion(over=Decimal(100)),
        "[mi_i]": Conversion(times=Decimal("1609.344")),
        "[ft_i]": Conversion(times=Decimal("0.3048")),
    },
    "kcal": {
        "kJ": Conversion(over=Decimal("4.184")),
        "cal": Conversion(over=Decimal(1000)),
    },
    "L": {"mL": Conversion(over=Decimal(1000))},
    "h": {"min": Conversion(over=Decimal(60)), "s": Conversion(over=Decimal(3600))},
    "min": {"h": Conversion(times=Decimal(60)), "s": Conversion(over=Decimal(60))},
    "ms": {"s": Conversion(times=Decimal(1000))},
    "/min": {"/s": Conversion(times=Decimal(60)), "Hz": Conversion(times=Decimal(60))},
    "L/min": {
        "mL/min": Conversion(over=Decimal(1000)),
        "L/s": Conversion(times=Decimal(60)),
    },
    "{score}": {"1": SAME},
}

# UCUM annotations in braces say what was counted and do not change the unit (UCUM §6), "1/min" is
# "/min" written out, and lower-case l is the litre's other symbol (UCUM table 5).
_EQUAL: dict[str, str] = {
    "{beats}/min": "/min",
    "{beat}/min": "/min",
    "{breaths}/min": "/min",
    "{breath}/min": "/min",
    "{resp}/min": "/min",
    "{counts}/min": "/min",
    "1/min": "/min",
    "min-1": "/min",
    "1/s": "/s",
    "s-1": "/s",
    "l/min": "L/min",
    "ml/min": "mL/min",
    "{fraction}": "1",
    "{ratio}": "1",
    "{number}": "1",
    "{points}": "{score}",
    "{Points}": "{score}",
}

# Printed units that mean one thing only. "C", "F" and "K" are left out: in UCUM they are coulomb,
# farad and kelvin, and a wrong guess moves a temperature by sixty degrees.
_PRINTED: dict[str, str] = {
    "mmhg": "mm[Hg]",
    "mm hg": "mm[Hg]",
    "kpa": "kPa",
    "°c": "Cel",
    "degc": "Cel",
    "deg c": "Cel",
    "celsius": "Cel",
    "°f": "[degF]",
    "degf": "[degF]",
    "deg f": "[degF]",
    "fahrenheit": "[degF]",
    "bpm": "/min",
    "beats/min": "/min",
    "beats/minute": "/min",
    "beats per minute": "/min",
    "breaths/min": "/min",
    "breaths/minute": "/min",
    "breaths per minute": "/min",
    "per minute": "/min",
    "percent": "%",
    "lpm": "L/min",
    "litres/min": "L/min",
    "liters/min": "L/min",
}


def unit_of(*, system: str, code: str, printed: str) -> str:
    """The UCUM unit that a Quantity names, or "" when it names none that is certain.

    A code counts when its system is UCUM or is not given; a code of another system does not. Only
    without a UCUM code is the printed unit looked up, and then only as UCUM or in a closed table.
    """
    if code and system in {"", UCUM}:
        return _EQUAL.get(code, code)
    if system == UCUM or not printed:
        return ""
    text = " ".join(printed.split())
    return _PRINTED.get(text.casefold()) or _EQUAL.get(text, text)


def conversion(source: str, target: str) -> Conversion | None:
    """How to get from one UCUM unit to another; None when they do not measure the same thing."""
    source, target = _EQUAL.get(source, source), _EQUAL.get(target, target)
    if source and source == target:
        return SAME
    return _TO.get(target, {}).get(source)
