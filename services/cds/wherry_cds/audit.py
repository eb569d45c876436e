"""What is noted for the safety board, as a port: events with ids, never values."""

from typing import Protocol

import structlog

log = structlog.get_logger()

PATIENT_MISMATCH = "patient-mismatch"


class Audit(Protocol):
    """Rows that are kept."""

    def write(self, event: str, **ids: str) -> None:
        """Keep one row: what happened, and the ids of whom and what it concerns.

        Raises: Failure(UNAVAILABLE) when it could not be kept.
        """
        ...


class LoggedAudit:
    """The port without a table: events go to the log."""

    def write(self, event: str, **ids: str) -> None:
        """Log the event."""
        log.warning("audited", kind=event, **ids)
