"""Kept messages become FHIR, each ends done or aside, and none is lost. All data are synthetic."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Claim, State
from wherry.resource import Bundle, Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry_hl7 import jobs
from wherry_hl7.deps import Deps
from wherry_hl7.jobs import Brake, Pace, drain
from wherry_hl7.triage import Policy


class _Clock:
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

    def __init__(self, fhir: FakeFhir | None = None) -> None:
        self.inbox, self.fhir = FakeInbox(), fhir or FakeFhir()
        self.changes, self.queue, self.clock = FakeChanges(), FakeQueue(), _Clock()

    @property
    def deps(self) -> Deps:
        """What the drain gets."""
        return Deps(
            inbox=self.inbox,
            desk=self.inbox,
            changes=self.changes,
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


def _oru(n: int = 1, patient: int = 1, value: str = "14.1") -> bytes:
    return message(
        segment("PID", {3: f"{patient}^^^NORTH^MR"}),
        segment("OBR", {3: f"F{n}^LAB", 4: "24323-8^Panel^LN", 25: "F"}),
        segment("OBX", {2: "NM", 3: "718-7^Hb^LN", 5: value, 11: "F"}),
        control_id=f"C-{n}",
    )


UNSUPPORTED = message(segment("PID", {3: "1^^^NORTH^MR"}), kind="ADT^A40")
NO_PATIENT = message(segment("PID", {5: "Doe^Jo"}), kind="ADT^A01")


def test_every_kept_message_is_stored_and_done() -> None:
    world = World()
    world.keep(*[_oru(n, patient=n % 3) for n in range(120)])

    ended = drain(world.deps, owner="w")

    assert ended == 120
    assert set(world.states()) == {State.DONE}
    assert len(world.fhir.all("Observation")) == 120
    assert len(world.fhir.all("Patient")) == 3


def test_whoever_changed_is_noted_and_the_next_worker_is_woken() -> None:
    world = World()
    world.keep(_oru(1, patient=1), _oru(2, patient=2))

    drain(world.deps, owner="w")

    patients = {one["id"] for one in world.fhir.all("Patient")}
    noted = world.changes.due(owner="r", limit=9, quiet_s=0, lease_s=1)
    assert {patient for patient, _ in noted} == patients
    assert world.queue.tickets == ["risk"]


def test_a_resend_changes_nobody() -> None:
    world = World()
    world.keep(_oru(1))
    drain(world.deps, owner="w")
    world.changes.settle(world.changes.due(owner="r", limit=9, quiet_s=0, lease_s=1))
    world.keep(_oru(1))

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.DONE]
    assert world.changes.waiting() == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (UNSUPPORTED, "unsupported at MSH-9: this message type is not translated"),
        (NO_PATIENT, "unprocessable at PID-3: no patient identifier"),
        (b"no HL7 at all", "invalid at MSH: no MSH segment"),
    ],
)
def test_what_cannot_be_translated_is_set_aside_and_the_others_go_on(
    body: bytes, reason: str
) -> None:
    world = World()
    world.keep(_oru(1), body, _oru(2))

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == reason


def test_a_bug_in_the_translator_sets_one_message_aside_and_names_no_patient(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World()
    world.keep(_oru(1), UNSUPPORTED, _oru(2))
    real = jobs.translate

    def broken(message: object, **said: object) -> object:
        if getattr(message, "kind", "") == "ADT^A40":
            raise KeyError("Doe^Jo")
        return real(message, **said)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(jobs, "translate", broken)

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == "fault: KeyError"
    assert "Doe" not in "".join(capsys.readouterr())


class _Refusing(FakeFhir):
    """A server that refuses values it does not like, with `failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure: Failure | None = failure

    def send(self, bundle: Bundle) -> Bundle:
        """Refuse a whole transaction with a bad value in it."""
        bad = any(_value(entry.get("resource", {})) == "666" for entry in bundle["entry"])
        if bad and self.failure:
            raise self.failure
        return super().send(bundle)


def _value(resource: Resource) -> str:
    return str(resource.get("valueQuantity", {}).get("value", ""))


def test_a_message_that_the_server_refuses_is_set_aside_alone() -> None:
    world = World(_Refusing(Failure(Kind.UNPROCESSABLE, "the FHIR server answered 422")))
    world.keep(_oru(1), _oru(2, patient=2, value="666"), _oru(3))

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == "unprocessable at request: the FHIR server answered 422"


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.UNAUTHENTICATED])
def test_while_the_server_is_away_messages_wait_longer_each_time_and_are_never_given_up(
    kind: Kind,
) -> None:
    world = World()
    world.keep(_oru(1))
    waits = []
    for _ in range(12):
        world.fhir.failures = [Failure(kind, "the FHIR server cannot be reached")]
        drain(world.deps, owner="w")
        (kept,) = world.inbox.search()
        waits.append((kept.state, kept.attempts))
        world.inbox.time_s += 300.0

    world.fhir.failures = []
    ended = drain(world.deps, owner="w")

    assert waits == [(State.WAITING, n) for n in range(1, 13)]
    assert ended == 1
    assert world.states() == [State.DONE]


def test_a_message_that_waits_is_not_claimed_before_its_time() -> None:
    world = World()
    world.keep(_oru(1))
    world.fhir.failures = [Failure(Kind.UNAVAILABLE, "away")] * 2
    drain(world.deps, owner="w")

    assert drain(world.deps, owner="w") == 0
    assert len(world.fhir.failures) == 1


def test_a_message_that_breaks_the_server_does_not_hold_up_others_for_ever() -> None:
    world = World(_Refusing(Failure(Kind.UNAVAILABLE, "the FHIR server answered 500")))
    world.keep(_oru(1, patient=1, value="666"), _oru(2, patient=2), _oru(3, patient=3))

    for _ in range(10):
        drain(world.deps, owner="w")
        world.inbox.time_s += 10.0

    assert world.states() == [State.WAITING, State.DONE, State.DONE]


def test_a_conflict_that_never_ends_is_for_a_person() -> None:
    world = World(_Refusing(Failure(Kind.STALE, "somebody else wrote first")))
    world.keep(_oru(1, value="666"))

    for _ in range(jobs.PATIENCE):
        drain(world.deps, owner="w")
        world.inbox.time_s += 300.0
    before = world.states()
    drain(world.deps, owner="w")

    assert (before, world.states()) == ([State.WAITING], [State.ASIDE])


class _Robbed(FakeInbox):
    """An inbox in which another worker takes the claim over as soon as it is made."""

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        """Lend it to us, then to the other one."""
        ours = super().claim(source, owner=owner, limit=limit, lease_s=lease_s)
        self.time_s += lease_s + 1
        super().claim(source, owner="other", limit=limit, lease_s=lease_s)
        return ours


def test_a_lost_claim_writes_nothing() -> None:
    world = World()
    world.inbox = _Robbed()
    world.keep(_oru(1))

    ended = drain(world.deps, owner="w")

    assert ended == 0
    assert world.fhir.sent == []
    assert world.states() == [State.CLAIMED]


def test_a_patient_is_noted_again_after_a_worker_died_between_writing_and_noting() -> None:
    world = World()
    world.keep(_oru(1))
    world.changes.away = True
    with pytest.raises(Failure):
        drain(world.deps, owner="w")
    world.changes.away = False
    world.inbox.time_s += 60.0

    drain(world.deps, owner="w2")

    assert world.states() == [State.DONE]
    assert world.changes.waiting() == 1


def test_a_drain_makes_way_when_its_time_is_up_and_asks_to_be_woken_again() -> None:
    world = World()
    world.clock = _Clock(step_s=40.0)
    world.keep(*[_oru(n) for n in range(4)])

    ended = drain(world.deps, owner="w", pace=Pace(limit=1, budget_s=60.0))

    assert ended == 1
    assert "hl7" in world.queue.tickets


def test_a_drain_stops_between_two_claims_when_it_is_told_to() -> None:
    world = World()
    world.keep(*[_oru(n) for n in range(4)])
    told = iter([False, True])

    ended = drain(world.deps, owner="w", pace=Pace(limit=1), stopping=lambda: next(told))

    assert ended == 1


def test_after_too_many_set_aside_in_a_row_only_one_at_a_time_is_tried() -> None:
    world = World()
    brake = Brake(limit=3)
    world.keep(*[UNSUPPORTED] * 5, _oru(1), _oru(2))
    pace = Pace(limit=3)

    steps = [drain(world.deps, owner="w", pace=pace, brake=brake) for _ in range(4)]

    assert steps == [3, 1, 1, 2]
    assert brake == Brake(limit=3, in_a_row=0)


def test_without_a_queue_the_work_is_done_all_the_same() -> None:
    world = World()
    world.queue.away = True
    world.keep(_oru(1))

    assert drain(world.deps, owner="w") == 1
    assert world.changes.waiting() == 1


def test_messages_of_one_patient_are_stored_in_order_of_arrival() -> None:
    world = World()
    bodies = [_oru(1, value=str(n)).replace(b"C-1", b"C-%d" % n) for n in range(60)]
    world.keep(*bodies, keys=dict.fromkeys(range(60), "k"))

    drain(world.deps, owner="w", pace=replace(Pace(), limit=7))

    (observation,) = world.fhir.all("Observation")
    assert _value(observation) == "59"


@pytest.mark.parametrize(("keep", "waits"), [((), False), ((_oru(1),), True)])
def test_the_sweep_knows_whether_work_waits(keep: tuple[bytes, ...], waits: bool) -> None:
    world = World()
    world.keep(*keep)
    world.inbox.time_s += 1.0

    assert jobs.work_waits(world.deps) is waits
