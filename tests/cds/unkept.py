"""Ports of what is kept, without tables: each call is judged as the first one, deeds are logged."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from wherry.errors import Failure, Kind
from wherry_cds.audit import Deed
from wherry_cds.board.port import About, Outcome, Row, Said, Snoozed, Ticket
from wherry_cds.policy.decide import Decision, Finding, decide
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy

log = structlog.get_logger()


class LoggedAudit:
    """The port without a table: events go to the log."""

    def write(self, event: str, **ids: str) -> None:
        """Log the event."""
        log.warning("audited", kind=event, **ids)


class NoDeeds:
    """Without a table there are none."""

    def rows(self, tenant: str, *, after: int, limit: int) -> Sequence[Deed]:
        """An empty list."""
        return ()

    def of_patient(
        self, tenant: str, patient: str, *, since: datetime, limit: int
    ) -> Sequence[Deed]:
        """An empty list."""
        return ()


class Unkept:
    """For tests of what comes before and after a decision; what must be kept is refused."""

    def judge(self, about: About, finding: Finding, policy: ServicePolicy) -> Decision:
        """Decide as if nothing had been seen before."""
        return decide(policy, finding, (), ())

    def take(self, tenant: str, service: str, said: Sequence[Said], policy: ServicePolicy) -> int:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def snooze(self, wish: Snoozed) -> None:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def end_snooze(self, tenant: str, id_: str, *, by: str, at: datetime) -> bool:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def of_patient(
        self, tenant: str, patient: str, *, since: datetime, limit: int
    ) -> tuple[list[Row], list[tuple[Said, str]], list[Snoozed]]:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def rows(self, tenant: str, *, after: int, limit: int) -> list[Row]:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def shown(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> list[Outcome]:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def was_shown(self, tenant: str, patient: str, card: str) -> bool:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def last_level(self, tenant: str, patient: str, service: str) -> Level | None:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def switched_off(self, tenant: str, service: str) -> bool:
        """Nothing is."""
        return False

    def tickets(self, tenant: str) -> list[Ticket]:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def close_ticket(self, tenant: str, id_: int, *, by: str, at: datetime) -> bool:
        """Raises: Failure(UNAVAILABLE)."""
        raise _nowhere()

    def ping(self) -> None:
        """Nothing is needed."""


def _nowhere() -> Failure:
    return Failure(Kind.UNAVAILABLE, "there is no database to keep this in")
