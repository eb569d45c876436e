"""The fakes around a drain, and synthetic messages for it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from wherry.braking import Braking
from wherry.ports import Arrival, State
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_hl7.deps import Deps
from wherry_hl7.triage import Policy


class Clock:
    """Stands still; each look moves it by `step_s`."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.at_s = datetime(2026, 1, 5, 18, tzinfo=UTC).timestamp()
        self.step_s = step_s

    def now(self) -> datetime:
        """The present."""
        self.at_s += self.step_s
        return datetime.fromtimestamp(self.at_s, UTC)


class World:
    """The fakes around a drain."""

    def __init__(self, fhir: FakeFhir | None = None, braking: Braking | None = None) -> None:
        self.inbox, self.fhir = FakeInbox(braking or Braking()), fhir or FakeFhir()
        self.changes, self.queue, self.clock = FakeChanges(), FakeQueue(), Clock()
        self.tally = FakeTally()

    @property
    def deps(self) -> Deps:
        """What the drain gets."""
        return Deps(
            inbox=self.inbox,
            desk=self.inbox,
            changes=self.changes,
            tally=self.tally,
            queue=self.queue,
            fhir=self.fhir,
            clock=self.clock,
            registry=CollectorRegistry(),
            policy=Policy(),
        )

    def keep(self, *bodies: bytes, keys: Mapping[int, str] | None = None) -> None:
        """Keep these messages; `keys` are patient keys by position."""
        named = keys or {}
        self.inbox.keep(
            [
                Arrival("hl7", body, keys=(named[n],) if n in named else ())
                for n, body in enumerate(bodies)
            ]
        )

    def states(self) -> list[State]:
        """How the messages stand, in order of arrival."""
        return [kept.state for kept in self.inbox.search()]

    def reasons(self) -> list[str]:
        """Why, in order of arrival."""
        return [kept.reason for kept in self.inbox.search()]


def oru(n: int = 1, patient: int = 1, value: str = "14.1") -> bytes:
    return message(
        segment("PID", {3: f"{patient}^^^NORTH^MR"}),
        segment("OBR", {3: f"F{n}^LAB", 4: "24323-8^Panel^LN", 25: "F"}),
        segment("OBX", {2: "NM", 3: "718-7^Hb^LN", 5: value, 11: "F"}),
        control_id=f"C-{n}",
    )


UNSUPPORTED = message(segment("PID", {3: "1^^^NORTH^MR"}), kind="ADT^A99")
NO_PATIENT = message(segment("PID", {5: "Doe^Jo"}), kind="ADT^A01")
