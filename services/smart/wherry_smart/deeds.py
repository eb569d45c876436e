"""What a person did in the app about one patient, and where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, unique
from typing import Protocol


@unique
class What(Enum):
    """A deed; every one is a click of a person."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    NOTED = "noted"
    ORDERED = "ordered"
    SIGNED_OUT = "signed-out"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about and who does it; ids are those of one EHR."""

    issuer: str
    patient: str
    person: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed; `about` is what it was done to, `until` the end of a snooze."""

    id: int
    at: datetime
    person: str
    what: What
    about: str = ""
    reason: str = ""
    note: str = field(default="", repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """A deed that is to be kept; the same key again is the same deed."""

    what: What
    key: str
    about: str = ""
    reason: str = ""
    note: str = field(default="", repr=False)
    until: datetime | None = None


class Deeds(Protocol):
    """All deeds, in the order in which they were done; none is ever changed."""

    def keep(self, subject: Subject, doing: Doing, *, at: datetime) -> Deed:
        """Keep it and return it; one whose key was kept before is returned as it was kept.

        Raises: Failure(UNAVAILABLE).
        """
        ...

    def of(self, issuer: str, patient: str, *, before: int = 0, limit: int = 200) -> Sequence[Deed]:
        """Deeds about this patient, newest first, below the id `before`.

        Raises: Failure(UNAVAILABLE).
        """
        ...
