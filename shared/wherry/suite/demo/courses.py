"""A course and an hour become one set of measurements, the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from wherry.suite.demo.roster import Course, Person

HOURS = 6
"""Vital signs are taken every hour from HOURS before the end to the end itself."""
LAB_HOURS = (1, 5)
"""Blood is drawn at these hours after the start."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One result as OBX carries it: LOINC code and name, UCUM unit, digits or an answer code.

    Results of the laboratory have a reference range and, outside of it, a flag (HL7 table 0078).
    """

    code: str
    name: str
    value: str
    unit: str = ""
    answer: str = ""
    range: str = ""
    flag: str = ""


# LOINC code, name, UCUM unit, digits after the point, how far two neighbours may lie apart
_VITALS = (
    ("9279-1", "Respiratory rate", "/min", 0, 1),
    ("59408-5", "Oxygen saturation by pulse oximetry", "%", 0, 1),
    ("3151-8", "Inhaled oxygen flow rate", "L/min", 0, 0),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 0, 4),
    ("8462-4", "Diastolic blood pressure", "mm[Hg]", 0, 3),
    ("8867-4", "Heart rate", "/min", 0, 3),
    ("8310-5", "Body temperature", "Cel", 1, 1),
    ("9269-2", "Glasgow coma score total", "{score}", 0, 0),
)
_LABS = (
    ("2951-2", "Sodium", "mmol/L", 0, 1),
    ("2823-3", "Potassium", "mmol/L", 1, 2),
    ("2160-0", "Creatinine", "mg/dL", 2, 4),
    ("2524-7", "Lactate", "mmol/L", 1, 1),
    ("6690-2", "Leukocytes", "10*3/uL", 1, 3),
    ("718-7", "Hemoglobin", "g/dL", 1, 2),
    ("777-3", "Platelets", "10*3/uL", 0, 6),
    ("4544-3", "Hematocrit", "%", 1, 4),
    ("2345-7", "Glucose", "mg/dL", 0, 5),
    ("3094-0", "Urea nitrogen", "mg/dL", 0, 1),
    ("1975-2", "Bilirubin.total", "mg/dL", 1, 1),
    ("1751-7", "Albumin", "g/dL", 1, 1),
)

# Reference ranges of adults, in the units above: invented, as every laboratory has its own
_RANGES: Mapping[str, tuple[str, str]] = {
    "2951-2": ("135", "145"),
    "2823-3": ("3.5", "5.1"),
    "2160-0": ("0.60", "1.20"),
    "2524-7": ("0.5", "2.0"),
    "6690-2": ("4.0", "11.0"),
    "718-7": ("12.0", "16.0"),
    "777-3": ("150", "400"),
    "4544-3": ("36.0", "46.0"),
    "2345-7": ("70", "140"),
    "3094-0": ("7", "20"),
    "1975-2": ("0.2", "1.2"),
    "1751-7": ("3.5", "5.0"),
}

# Per course the first and the last set, in the order of _VITALS; invented, adult values
_VITAL_COURSES: Mapping[Course, tuple[tuple[float, ...], tuple[float, ...]]] = {
    Course.STABLE: ((15, 97, 0, 122, 77, 70, 36.7, 15), (16, 98, 0, 124, 78, 72, 36.8, 15)),
    Course.DETERIORATING: ((18, 96, 0, 128, 76, 88, 37.4, 15), (27, 90, 6, 94, 52, 126, 39.2, 14)),
    Course.RECOVERING: ((25, 92, 4, 102, 60, 114, 38.7, 15), (18, 96, 0, 118, 72, 86, 37.2, 15)),
    Course.FEVERISH: ((17, 96, 0, 126, 74, 84, 37.6, 15), (20, 95, 0, 116, 68, 104, 38.8, 15)),
    Course.BREATHLESS: ((20, 94, 0, 134, 80, 90, 36.9, 15), (23, 93, 2, 130, 78, 98, 37.0, 15)),
    Course.FAST: ((16, 97, 0, 118, 74, 92, 36.8, 15), (18, 96, 0, 112, 70, 118, 37.1, 15)),
}
_LAB_COURSES: Mapping[Course, tuple[tuple[float, ...], tuple[float, ...]]] = {
    Course.STABLE: (
        (140, 4.1, 0.86, 1.0, 6.8, 13.9, 246, 41.6, 96, 14, 0.6, 4.2),
        (140, 4.2, 0.88, 0.9, 6.9, 13.8, 250, 41.3, 99, 14, 0.6, 4.2),
    ),
    Course.DETERIORATING: (
        (136, 4.4, 1.32, 1.9, 14.2, 12.1, 188, 36.4, 148, 34, 1.1, 3.2),
        (132, 5.1, 2.48, 4.6, 21.7, 11.6, 121, 34.9, 214, 70, 2.4, 2.5),
    ),
    Course.RECOVERING: (
        (134, 4.6, 1.70, 2.8, 16.9, 12.4, 176, 37.1, 166, 36, 1.4, 3.0),
        (138, 4.2, 1.21, 1.4, 11.3, 12.2, 190, 36.6, 128, 24, 1.0, 3.1),
    ),
    Course.FEVERISH: (
        (138, 4.0, 0.98, 1.3, 11.9, 13.1, 221, 39.4, 112, 17, 0.8, 3.8),
        (137, 4.1, 1.04, 1.6, 13.8, 13.0, 214, 39.0, 124, 19, 0.9, 3.7),
    ),
    Course.BREATHLESS: (
        (139, 4.3, 1.06, 1.1, 9.7, 14.6, 262, 43.8, 118, 18, 0.7, 3.9),
        (139, 4.4, 1.05, 1.2, 10.1, 14.5, 259, 43.5, 121, 18, 0.7, 3.9),
    ),
    Course.FAST: (
        (141, 3.7, 0.91, 1.2, 8.4, 12.9, 233, 38.8, 104, 15, 0.5, 4.0),
        (141, 3.6, 0.93, 1.3, 8.6, 12.8, 236, 38.5, 107, 15, 0.5, 4.0),
    ),
}

# LOINC 67775-7 and its answers; the deteriorating person becomes confused on the way
_COMA_SCORE = "9269-2"
_FULLY_AWAKE = "15"
_LEVEL = ("67775-7", "Level of responsiveness")
_ALERT = ("LA9340-6", "Alert")
_CONFUSED = ("LA6560-2", "Confused")


def vitals(person: Person, hour: int, random: Random) -> list[Measured]:
    """One set of vital signs, `hour` hours after the start; the last set has no chance in it."""
    measured = _between(_VITALS, *_VITAL_COURSES[person.course], hour, random)
    awake = all(m.value == _FULLY_AWAKE for m in measured if m.code == _COMA_SCORE)
    answer, words = _ALERT if awake else _CONFUSED
    return [*measured, Measured(*_LEVEL, value=words, answer=answer)]


def labs(person: Person, hour: int, random: Random) -> list[Measured]:
    """One blood draw, `hour` hours after the start."""
    measured = _between(_LABS, *_LAB_COURSES[person.course], hour, random)
    return [_judged(one) for one in measured]


def _judged(one: Measured) -> Measured:
    """With its reference range, and L or H outside of it."""
    low, high = _RANGES[one.code]
    value = Decimal(one.value)
    flag = "L" if value < Decimal(low) else "H" if value > Decimal(high) else ""
    return replace(one, range=f"{low}-{high}", flag=flag)


def _between(
    rows: tuple[tuple[str, str, str, int, int], ...],
    first: tuple[float, ...],
    last: tuple[float, ...],
    hour: int,
    random: Random,
) -> list[Measured]:
    found = []
    for (code, name, unit, digits, spread), low, high in zip(rows, first, last, strict=True):
        step = Decimal(1).scaleb(-digits)
        middle = Decimal(str(low)) + (Decimal(str(high)) - Decimal(str(low))) * hour / HOURS
        chance = 0 if hour in (0, HOURS) else random.randint(-spread, spread)
        value = max(middle.quantize(step) + chance * step, Decimal(0).quantize(step))
        if unit == "%":
            value = min(value, Decimal(100))
        found.append(Measured(code, name, str(value), unit))
    return found
