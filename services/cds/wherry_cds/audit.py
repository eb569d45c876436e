"""What is noted for the safety board, as a port: events with ids, never values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

PATIENT_MISMATCH = "patient-mismatch"


class Audit(Protocol):
    """Rows that are kept."""

    def write(self, event: str, **ids: str) -> None:
        """Keep one row: what happened, and the ids of whom and what it concerns.

        Raises: Failure(UNAVAILABLE) when it could not be kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Deed:
    """One kept row: who did what, about which patient and thing; ids only."""

    id: int
    at: datetime
    event: str
    tenant: str
    who: str
    patient: str
    about: str


class Deeds(Protocol):
    """The kept rows, for reading."""

    def rows(self, tenant: str, *, after: int, limit: int) -> Sequence[Deed]:
        """Rows above this id, oldest first; of all tenants when none is named.

        Raises: Failure(UNAVAILABLE).
        """
        ...

    def of_patient(
        self, tenant: str, patient: str, *, since: datetime, limit: int
    ) -> Sequence[Deed]:
        """Rows about this patient since then, newest first. Raises: Failure(UNAVAILABLE)."""
        ...
