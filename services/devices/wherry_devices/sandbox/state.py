"""What the sandbox knows, in memory: made-up people, their readings, tokens and subscriptions."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from wherry.errors import Failure, Kind


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement as a device took it; each vendor tells it in its own shape.

    `kind` is bp, heart_rate, weight, glucose, spo2 or body_temp; `values` are in mm[Hg], /min, kg,
    mg/dL, % and Cel. `at` is in the offset of where it was taken, `modified` when the cloud heard.
    """

    id: int
    kind: str
    at: datetime
    values: dict[str, Decimal]
    modified: datetime
    device: str = "device-1"
    model: str = ""
    manual: bool = False
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """One made-up account at one vendor; `zone` is what its profile says."""

    vendor: str
    account: str
    zone: str = "Europe/Berlin"
    readings: list[Reading] = field(default_factory=list)
    callbacks: list[str] = field(default_factory=list)

    def told(self) -> list[Reading]:
        """All readings by the time at which the cloud heard of them, then by number."""
        return sorted(self.readings, key=lambda one: (one.modified, one.id))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Where Google sends to: an address, and what it says in Authorization."""

    address: str
    authorization: str = field(repr=False)


@dataclass(slots=True)
class State:
    """Everything; `lock` is held while it is changed. `ids` and `texts` give new ones."""

    now: Callable[[], datetime]
    text: Callable[[], str]
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    subscribers: list[Subscriber] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_id: int = 1000

    def person(self, vendor: str, account: str) -> Person:
        """Raises: Failure(NOT_FOUND)."""
        found = self.people.get((vendor, account))
        if found is None:
            raise Failure(Kind.NOT_FOUND, "no such made-up person", at="account")
        return found

    def add(self, person: Person) -> None:
        """Raises: Failure(CONFLICT) when there is one already."""
        with self.lock:
            if (person.vendor, person.account) in self.people:
                raise Failure(Kind.CONFLICT, "that person is there", at="account")
            self.people[person.vendor, person.account] = person

    def measured(self, person: Person, readings: Sequence[Reading]) -> list[int]:
        """Readings that arrive in the cloud now, whenever they were taken; their numbers."""
        with self.lock:
            ids = []
            for one in readings:
                self.last_id += 1
                ids.append(self.last_id)
                person.readings.append(replace(one, id=self.last_id, modified=self.now()))
            return ids

    def edited(self, person: Person, id_: int, values: dict[str, Decimal]) -> None:
        """Other numbers for one reading. Raises: Failure(NOT_FOUND)."""
        with self.lock:
            number = _number(person, id_)
            person.readings[number] = replace(
                person.readings[number], values=values, modified=self.now()
            )

    def deleted(self, person: Person, id_: int) -> Reading:
        """Take one reading away and return it. Raises: Failure(NOT_FOUND)."""
        with self.lock:
            return person.readings.pop(_number(person, id_))


def _number(person: Person, id_: int) -> int:
    found = [number for number, one in enumerate(person.readings) if one.id == id_]
    if not found:
        raise Failure(Kind.NOT_FOUND, "no such reading", at="id")
    return found[0]
