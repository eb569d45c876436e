"""Draining is the same for every source: order, brake, and what ends as done, aside or waiting."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from wherry.braking import Braking
from wherry.draining import PATIENCE, Pace, Translate, drain, work_waits
from wherry.errors import Failure, Kind
from wherry.fhir.bundle import known_by, transaction
from wherry.landing import TRIES
from wherry.ports import Arrival, Kept, State
from wherry.resource import Translation
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue


class StandingClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


class BackwardClock(StandingClock):
    """A clock that is set back by an hour each time it is asked."""

    def __init__(self) -> None:
        self._asked = 0

    def now(self) -> datetime:
        self._asked += 1
        return super().now() - timedelta(hours=self._asked)


@dataclass
class Needs:
    """What draining takes, all in memory."""

    inbox: FakeInbox = field(default_factory=FakeInbox)
    changes: FakeChanges = field(default_factory=FakeChanges)
    queue: FakeQueue = field(default_factory=FakeQueue)
    fhir: FakeFhir = field(default_factory=FakeFhir)
    clock: StandingClock = field(default_factory=StandingClock)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @property
    def desk(self) -> FakeInbox:
        return self.inbox

    def keep(self, *bodies: bytes, source: str = "demo") -> list[int]:
        return self.inbox.keep([Arrival(source, body, keys=("k",)) for body in bodies])

    def drain(self, translate: Translate) -> int:
        return drain(
            "demo",
            translate,
            self,
            owner="worker",
            pace=Pace(),
            stopping=lambda: False,
        )

    def ended(self, ids: list[int]) -> list[tuple[State, str]]:
        return [(self.inbox.get(id_).state, self.inbox.get(id_).reason) for id_ in ids]


def device(kept: Kept, *, aside: str = "", patients: tuple[str, ...] = ()) -> Translation:
    """A Device named by the message's bytes."""
    identifier = {"system": "urn:x", "value": kept.body.decode()}
    entry = known_by({"resourceType": "Device", "identifier": [identifier]}, identifier)  # type: ignore[arg-type]  # a plain dict for the test
    return Translation(transaction([entry]), aside=aside, patients=patients)


def test_what_landed_in_part_is_set_aside_with_its_reason() -> None:
    needs = Needs()
    ids = needs.keep(b"one", b"two")

    needs.drain(lambda kept: device(kept, aside="half of it" if kept.body == b"one" else ""))

    assert needs.ended(ids) == [(State.ASIDE, "half of it"), (State.DONE, "")]
    assert len(needs.fhir.all("Device")) == 2


def test_a_message_that_says_nothing_is_done() -> None:
    needs = Needs()
    ids = needs.keep(b"one")

    needs.drain(lambda kept: Translation(transaction([])))

    assert needs.ended(ids) == [(State.DONE, "")]
    assert needs.fhir.sent == []


def test_patients_whom_a_message_is_about_are_looked_at_again() -> None:
    needs = Needs()
    needs.keep(b"one")

    needs.drain(lambda kept: device(kept, patients=("p1", "p2")))

    due = needs.changes.due(owner="risk", limit=9, quiet_s=0, lease_s=1)
    assert sorted(patient for patient, _ in due) == ["p1", "p2"]
    assert needs.queue.tickets == ["risk"]


def test_when_a_look_up_fails_for_now_later_messages_do_not_overtake() -> None:
    needs = Needs()
    ids = needs.keep(b"one", b"two")

    def away(kept: Kept) -> Translation:
        raise Failure(Kind.UNAVAILABLE, "the database is away")

    needs.drain(lambda kept: away(kept) if kept.body == b"one" else device(kept))

    assert [state for state, _ in needs.ended(ids)] == [State.WAITING, State.WAITING]
    assert [needs.inbox.get(id_).attempts for id_ in ids] == [1, 0]
    assert needs.fhir.all("Device") == []


def braked(limit: int) -> Needs:
    return Needs(inbox=FakeInbox(Braking(limit=limit)))


def test_the_brake_is_for_mappings_that_fail_and_not_for_parts_set_aside() -> None:
    needs = braked(2)
    ids = needs.keep(b"one", b"two", b"three")

    needs.drain(lambda kept: device(kept, aside="half of it"))

    assert needs.ended(ids) == [(State.ASIDE, "half of it")] * 3
    assert needs.inbox.standings()[0].brake is None


def test_a_mapping_that_breaks_applies_the_brake_and_the_rest_waits() -> None:
    needs = braked(2)
    ids = needs.keep(b"one", b"two", b"three")

    def breaks(kept: Kept) -> Translation:
        raise ZeroDivisionError

    needs.drain(breaks)

    aside = (State.ASIDE, "fault: ZeroDivisionError")
    assert needs.ended(ids) == [aside, aside, (State.WAITING, "")]
    assert needs.inbox.standings()[0].brake


def test_while_a_brake_is_on_the_sweep_still_wakes_a_worker_for_the_trial() -> None:
    needs = braked(1)
    ids = needs.keep(b"one", b"two")

    def breaks(kept: Kept) -> Translation:
        raise ZeroDivisionError

    needs.drain(breaks)
    needs.inbox.time_s += 20

    assert work_waits("demo", needs.desk)
    needs.drain(device)

    assert [state for state, _ in needs.ended(ids)] == [State.ASIDE, State.DONE]


def test_each_worker_is_woken_by_its_own_source_alone() -> None:
    needs = Needs()
    needs.keep(b"one", source="demo")
    needs.inbox.time_s += 1

    assert work_waits("demo", needs.desk)
    assert not work_waits("other", needs.desk)


def test_a_conflict_after_a_long_outage_is_tried_again_and_one_that_stays_is_not() -> None:
    needs = Needs()
    (id_,) = needs.keep(b"one")
    away = Failure(Kind.UNAVAILABLE, "away")
    stale = Failure(Kind.STALE, "somebody else wrote")
    seen = []

    for failures in ([away] * PATIENCE, [stale], [stale]):
        for failure in failures:
            needs.fhir.failures = [failure] * TRIES
            needs.drain(device)
            needs.fhir.failures = []
            needs.inbox.time_s += 1000
        seen.append(needs.ended([id_])[0])

    assert [state for state, _ in seen] == [State.WAITING, State.WAITING, State.ASIDE]
    assert [reason.split()[0] for _, reason in seen] == ["unavailable", "stale", "stale"]


def test_a_clock_that_is_set_back_ends_a_drain_and_wakes_the_next() -> None:
    needs = Needs(clock=BackwardClock())
    needs.keep(b"one", b"two")

    needs.drain(device)

    assert needs.queue.tickets == ["demo"]
