"""A course and an hour become one set of measurements, the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from wherry.suite.demo.roster import Course, Person

HOURS = 6
"""Vital signs are taken every hour from HOURS before the end to the end itself."""
LAB_HOURS = (1, 5)
"""Blood is drawn at these hours after the start."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One result as OBX carries it: LOINC code and name, UCUM unit, digits or an answer code."""

    code: str
    name: str
    value: str
    unit: str = ""
    answer: str = ""


# LOINC code, name, UCUM unit, digits after the point, how far two neighbours may lie apart
_VITALS = (
    ("9279-1", "Respiratory rate", "/min", 0, 1),
    ("59408-5", "Oxygen saturation by pulse oximetry", "%", 0, 1),
    ("3151-8", "Inhaled oxygen flow rate", "L/min", 0, 0),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 0, 4),
    ("8462-4", "Diastolic blood pressure", "mm[Hg]", 0, 3),
    ("8867-4", "Heart rate", "/min", 0, 3),
    ("8310-5", "Body temperature", "Cel", 1, 1),
)
_LABS = (
    ("2951-2", "Sodium", "mmol/L", 0, 1),
    ("2823-3", "Potassium", "mmol/L", 1, 2),
    ("2160-0", "Creatinine", "mg/dL", 2, 4),
    ("2524-7", "Lactate", "mmol/L", 1, 1),
    ("6690-2", "Leukocytes", "10*3/uL", 1, 3),
    ("718-7", "Hemoglobin", "g/dL", 1, 2),
    ("777-3", "Platelets", "10*3/uL", 0, 6),
)

# Per course the first and the last set, in the order of _VITALS; invented, adult values
_VITAL_COURSES: Mapping[Course, tuple[tuple[float, ...], tuple[float, ...]]] = {
    Course.STABLE: ((15, 97, 0, 122, 77, 70, 36.7), (16, 98, 0, 124, 78, 72, 36.8)),
    Course.DETERIORATING: ((18, 96, 0, 128, 76, 88, 37.4), (27, 90, 6, 94, 52, 126, 39.2)),
    Course.RECOVERING: ((25, 92, 4, 102, 60, 114, 38.7), (18, 96, 0, 118, 72, 86, 37.2)),
    Course.FEVERISH: ((17, 96, 0, 126, 74, 84, 37.6), (20, 95, 0, 116, 68, 104, 38.8)),
    Course.BREATHLESS: ((20, 94, 0, 134, 80, 90, 36.9), (23, 93, 2, 130, 78, 98, 37.0)),
    Course.FAST: ((16, 97, 0, 118, 74, 92, 36.8), (18, 96, 0, 112, 70, 118, 37.1)),
}
_LAB_COURSES: Mapping[Course, tuple[tuple[float, ...], tuple[float, ...]]] = {
    Course.STABLE: ((140, 4.1, 0.86, 1.0, 6.8, 13.9, 246), (140, 4.2, 0.88, 0.9, 6.9, 13.8, 250)),
    Course.DETERIORATING: (
        (136, 4.4, 1.32, 1.9, 14.2, 12.1, 188),
        (132, 5.1, 2.48, 4.6, 21.7, 11.6, 121),
    ),
    Course.RECOVERING: (
        (134, 4.6, 1.70, 2.8, 16.9, 12.4, 176),
        (138, 4.2, 1.21, 1.4, 11.3, 12.2, 190),
    ),
    Course.FEVERISH: (
        (138, 4.0, 0.98, 1.3, 11.9, 13.1, 221),
        (137, 4.1, 1.04, 1.6, 13.8, 13.0, 214),
    ),
    Course.BREATHLESS: (
        (139, 4.3, 1.06, 1.1, 9.7, 14.6, 262),
        (139, 4.4, 1.05, 1.2, 10.1, 14.5, 259),
    ),
    Course.FAST: ((141, 3.7, 0.91, 1.2, 8.4, 12.9, 233), (141, 3.6, 0.93, 1.3, 8.6, 12.8, 236)),
}

# LOINC 67775-7 and its answers; the deteriorating person is newly confused at the end
_LEVEL = ("67775-7", "Level of responsiveness")
_ALERT = ("LA9340-6", "Alert")
_CONFUSED = ("LA6560-2", "Confused")


def vitals(person: Person, hour: int, random: Random) -> list[Measured]:
    """One set of vital signs, `hour` hours after the start; the last set has no chance in it."""
    first, last = _VITAL_COURSES[person.course]
    confused = person.course is Course.DETERIORATING and hour == HOURS
    answer, words = _CONFUSED if confused else _ALERT
    return [
        *_between(_VITALS, first, last, hour, random),
        Measured(*_LEVEL, value=words, answer=answer),
    ]


def labs(person: Person, hour: int, random: Random) -> list[Measured]:
    """One blood draw, `hour` hours after the start."""
    return _between(_LABS, *_LAB_COURSES[person.course], hour, random)


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
