"""A seed and a moment become the demo's feed, and what a FHIR server must hold after it.

The last vital signs are taken at the moment itself. Every message says that it was made then, and a
set of results is known by person and minute of measurement (OBR-3): a run an hour later sends some
of the same sets again, with a newer message time, and they replace the earlier ones. Visits keep
their numbers. So the demo can be played again at any time, and its counts still hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from wherry.suite.demo import courses, history
from wherry.suite.demo.courses import HOURS, LAB_HOURS, Measured
from wherry.suite.demo.messages import WARDS, Envelope, Order, adt, oru
from wherry.suite.demo.roster import PEOPLE, Person, Stay

SEED = 2575
ADMITTED_BEFORE = timedelta(hours=HOURS, minutes=30)
LEAVES_AT_HOUR = 5

# LOINC code and name, and HL7 table 0074 diagnostic service section
_VITALS_PANEL = ("85353-1", "Vital signs panel", "NRS")
_LAB_PANEL = ("26436-6", "Laboratory studies", "LAB")


@dataclass(frozen=True, slots=True)
class Result:
    """One value that must be found: whose, which code, when, and its digits or answer code."""

    mrn: str
    code: str
    at: datetime
    value: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Messages in the order in which they are sent, and what they must leave behind."""

    messages: tuple[bytes, ...] = field(repr=False)
    mrns: tuple[str, ...]
    results: frozenset[Result] = field(repr=False)
    reports: frozenset[tuple[str, str, datetime]] = field(repr=False)  # MRN, panel, when
    visits: frozenset[tuple[str, str]] = field(repr=False)  # MRN, visit number
    problems: frozenset[tuple[str, str]] = frozenset()  # MRN, code
    allergies: frozenset[tuple[str, str]] = frozenset()  # MRN, code


@dataclass(slots=True)
class _Draft:
    reference: datetime
    messages: list[tuple[datetime, int, bytes]] = field(default_factory=list)
    results: set[Result] = field(default_factory=set)
    reports: set[tuple[str, str, datetime]] = field(default_factory=set)

    def envelope(self) -> Envelope:
        return Envelope(
            f"WD{self.reference:%Y%m%d%H%M}{len(self.messages) + 1:04d}", self.reference
        )

    def add(self, at: datetime, message: bytes) -> None:
        self.messages.append((at, len(self.messages), message))


def feed(reference: datetime, seed: int = SEED) -> Feed:
    """The feed that ends at `reference`, an aware moment, taken down to the minute."""
    reference = reference.replace(second=0, microsecond=0)
    draft, random = _Draft(reference), Random(seed)  # noqa: S311 - chance, not secrecy
    for person in PEOPLE:
        for at, message in _stay(person, draft):
            draft.add(at, message)
        _measure(person, draft, random)
    return Feed(
        messages=tuple(message for _, _, message in sorted(draft.messages)),
        mrns=tuple(person.mrn for person in PEOPLE),
        results=frozenset(draft.results),
        reports=frozenset(draft.reports),
        visits=frozenset((person.mrn, person.visit) for person in PEOPLE),
        problems=frozenset((p.mrn, one.code) for p in PEOPLE for one in history.problems(p)),
        allergies=frozenset((p.mrn, one.code) for p in PEOPLE for one in history.allergies(p)),
    )


# Stay → (trigger event, hours after the start); HL7 v2.5.1 table 0003
_EVENTS: dict[Stay, tuple[tuple[str, float], ...]] = {
    Stay.ADMITTED: (("A01", -0.5),),
    Stay.EMERGENCY: (("A04", -0.5), ("A01", 1.5)),
    Stay.MOVED: (("A01", -0.5), ("A02", 2.5)),
    Stay.CORRECTED: (("A01", -0.5), ("A08", 0.5)),
    Stay.LEFT: (("A01", -0.5), ("A03", LEAVES_AT_HOUR + 0.5)),
    Stay.VISITOR: (("A04", -0.5),),
}


# With these a person's allergies and diagnoses come along
_ARRIVES = ("A01", "A04")


def _stay(person: Person, draft: _Draft) -> Iterator[tuple[datetime, bytes]]:
    start = draft.reference - timedelta(hours=HOURS)
    for trigger, hour in _EVENTS[person.stay]:
        at = start + timedelta(hours=hour)
        yield (
            at,
            adt(
                trigger,
                person,
                draft.envelope(),
                at=at,
                admitted_at=draft.reference - ADMITTED_BEFORE,
                ward=_ward(person, hour),
                phone="555-0100" if trigger == "A08" else "",
                allergies=history.allergies(person) if trigger in _ARRIVES else (),
                problems=history.problems(person) if trigger in _ARRIVES else (),
            ),
        )


def _measure(person: Person, draft: _Draft, random: Random) -> None:
    last = LEAVES_AT_HOUR if person.stay is Stay.LEFT else HOURS
    for hour in range(last + 1):
        at = draft.reference - timedelta(hours=HOURS - hour)
        ward, order = _ward(person, hour), _order(person, _VITALS_PANEL, at)
        _report(person, draft, order, courses.vitals(person, hour, random), ward)
        if hour in LAB_HOURS:
            order = _order(person, _LAB_PANEL, at - timedelta(minutes=15))
            _report(person, draft, order, courses.labs(person, hour, random), ward)


def _report(
    person: Person, draft: _Draft, order: Order, results: list[Measured], ward: str
) -> None:
    at = order.taken_at
    draft.add(at, oru(person, draft.envelope(), order, results, ward=ward))
    draft.reports.add((person.mrn, order.code, at))
    draft.results |= {Result(person.mrn, r.code, at, r.answer or r.value) for r in results}


def _order(person: Person, panel: tuple[str, str, str], at: datetime) -> Order:
    code, name, section = panel
    return Order(f"WD{person.number:04d}-{section}-{at:%Y%m%d%H%M}", code, name, section, at)


def _ward(person: Person, hour: float) -> str:
    ward = WARDS[person.number % len(WARDS)]
    moved = person.stay is Stay.MOVED and hour >= 2.5
    if person.stay is Stay.VISITOR or (person.stay is Stay.EMERGENCY and hour < 1.5):
        return "EMERGENCY"
    return WARDS[(person.number + 1) % len(WARDS)] if moved else ward
