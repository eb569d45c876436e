"""Cards and snoozes from the CDS service over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wherry.errors import Failure, Kind


class NoCards:
    """There is no CDS service to ask; what it holds back is not known, so nothing is said of it."""

    def cards(self, _patient_id: str) -> Sequence[Mapping[str, Any]]:
        """Raises: Failure(UNAVAILABLE)."""
        raise Failure(Kind.UNAVAILABLE, "the CDS service keeps no list of cards")

    def snooze(self, _patient_id: str, *, until: datetime, reason: str, person: str) -> None:
        """Raises: Failure(UNAVAILABLE)."""
        raise Failure(Kind.UNAVAILABLE, "the CDS service keeps no snoozes")
