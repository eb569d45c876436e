"""The people of the demo: all invented, and named so that nobody takes them for real ones."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

AUTHORITY = "WHERRYDEMO"
FACILITY = "DEMOHOSPITAL"


class Course(StrEnum):
    """How a person's vital signs go over the hours of the feed."""

    STABLE = "stable"
    DETERIORATING = "deteriorating"
    RECOVERING = "recovering"
    FEVERISH = "feverish"
    BREATHLESS = "breathless"
    FAST = "fast"


class Stay(StrEnum):
    """Which ADT events a person's visit is made of."""

    ADMITTED = "admitted"  # A01
    EMERGENCY = "emergency"  # A04, then A01 into the same visit
    MOVED = "moved"  # A01, A02
    CORRECTED = "corrected"  # A01, A08
    LEFT = "left"  # A01, A03
    VISITOR = "visitor"  # A04 only


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient with one visit."""

    number: int
    family: str
    given: str
    born: date
    sex: str
    course: Course
    stay: Stay

    @property
    def mrn(self) -> str:
        """The medical record number, unique within AUTHORITY."""
        return f"DEMO-{self.number:04d}"

    @property
    def visit(self) -> str:
        """The visit number; the same in every run, so that a rerun adds no Encounter."""
        return f"DEMO-V{self.number:04d}"


def _people() -> tuple[Person, ...]:
    # fmt: off
    rows = (
        ("Alder-Demo",    "Ada",     date(1941, 3, 9),   "F", Course.DETERIORATING, Stay.EMERGENCY),
        ("Birch-Demo",    "Ben",     date(1978, 11, 2),  "M", Course.STABLE,        Stay.ADMITTED),
        ("Cedar-Demo",    "Chloë",   date(1990, 7, 21),  "F", Course.STABLE,        Stay.MOVED),
        ("Dogwood-Demo",  "David",   date(1955, 1, 30),  "M", Course.BREATHLESS,    Stay.MOVED),
        ("Elm-Demo",      "Edith",   date(1937, 5, 17),  "F", Course.FEVERISH,      Stay.CORRECTED),
        ("Fir-Demo",      "Farid",   date(1969, 9, 4),   "M", Course.RECOVERING,    Stay.EMERGENCY),
        ("Ginkgo-Demo",   "Grace",   date(1984, 12, 25), "F", Course.STABLE,        Stay.LEFT),
        ("Hazel-Demo",    "Hana",    date(2001, 2, 11),  "F", Course.FAST,          Stay.ADMITTED),
        ("Ivy-Demo",      "Igor",    date(1948, 8, 8),   "M", Course.BREATHLESS,    Stay.ADMITTED),
        ("Juniper-Demo",  "Jürgen",  date(1962, 4, 19),  "M", Course.STABLE,        Stay.CORRECTED),
        ("Kapok-Demo",    "Kofi",    date(1973, 10, 6),  "M", Course.FEVERISH,      Stay.MOVED),
        ("Larch-Demo",    "Lin",     date(1995, 6, 13),  "F", Course.STABLE,        Stay.VISITOR),
        ("Maple-Demo",    "Maria",   date(1951, 3, 3),   "F", Course.RECOVERING,    Stay.ADMITTED),
        ("Nutmeg-Demo",   "Noah",    date(1988, 1, 1),   "M", Course.STABLE,        Stay.LEFT),
        ("Oak-Demo",      "Olga",    date(1944, 9, 29),  "F", Course.FAST,          Stay.CORRECTED),
        ("Pine-Demo",     "Pedro",   date(1980, 7, 15),  "M", Course.STABLE,        Stay.ADMITTED),
        ("Quince-Demo",   "Quinn",   date(1999, 5, 5),   "O", Course.STABLE,        Stay.VISITOR),
        ("Rowan-Demo",    "Rosa",    date(1933, 11, 23), "F", Course.BREATHLESS,    Stay.EMERGENCY),
        ("Spruce-Demo",   "Sven",    date(1966, 2, 28),  "M", Course.FEVERISH,      Stay.ADMITTED),
        ("Teak-Demo",     "Tara",    date(1992, 8, 31),  "F", Course.STABLE,        Stay.MOVED),
        ("Upas-Demo",     "Umar",    date(1958, 12, 12), "M", Course.RECOVERING,    Stay.LEFT),
        ("Viburnum-Demo", "Vera",    date(1975, 6, 6),   "F", Course.FAST,          Stay.MOVED),
        ("Willow-Demo",   "Wim",     date(1947, 10, 20), "M", Course.STABLE,        Stay.CORRECTED),
        ("Yew-Demo",      "Yara",    date(1986, 4, 2),   "F", Course.FEVERISH,      Stay.EMERGENCY),
    )
    # fmt: on
    return tuple(Person(number, *row) for number, row in enumerate(rows, 1))


PEOPLE = _people()
WORST = PEOPLE[0]
"""The person whose card must warn: NEWS2 well over the emergency threshold at the end."""
BEST = PEOPLE[1]
"""The person whose card must not: NEWS2 0 at the end."""
