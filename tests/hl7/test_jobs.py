"""Kept messages become FHIR, each ends done or aside, and none is lost. All data are synthetic."""

from dataclasses import replace

import pytest
from tests.hl7.world import NO_PATIENT, UNSUPPORTED, Clock, World, oru

from wherry.braking import Braking
from wherry.draining import Pace
from wherry.errors import Failure
from wherry.ports import Arrival, Claim, State
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry_hl7 import jobs
from wherry_hl7.jobs import drain
from wherry_hl7.translate import translate


def test_every_kept_message_is_stored_and_done() -> None:
    world = World()
    world.keep(*[oru(n, patient=n % 3) for n in range(120)])

    ended = drain(world.deps, owner="w")

    assert ended == 120
    assert set(world.states()) == {State.DONE}
    assert len(world.fhir.all("Observation")) == 120
    assert len(world.fhir.all("Patient")) == 3


def test_whoever_changed_is_noted_and_the_next_worker_is_woken() -> None:
    world = World()
    world.keep(oru(1, patient=1), oru(2, patient=2))

    drain(world.deps, owner="w")

    patients = {one["id"] for one in world.fhir.all("Patient")}
    noted = world.changes.due(owner="r", limit=9, quiet_s=0, lease_s=1)
    assert {patient for patient, _ in noted} == patients
    assert world.queue.tickets == ["risk"]


def test_a_resend_changes_nobody() -> None:
    world = World()
    world.keep(oru(1))
    drain(world.deps, owner="w")
    world.changes.settle(world.changes.due(owner="r", limit=9, quiet_s=0, lease_s=1))
    world.keep(oru(1))

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
    world.keep(oru(1), body, oru(2))

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == reason


def test_a_bug_in_the_translator_sets_one_message_aside_and_names_no_patient(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World()
    world.keep(oru(1), UNSUPPORTED, oru(2))

    def broken(message: object, **said: object) -> object:
        if getattr(message, "kind", "") == "ADT^A99":
            raise KeyError("Doe^Jo")
        return translate(message, **said)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr("wherry_hl7.jobs.translate", broken)

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == "fault: KeyError"
    assert "Doe" not in "".join(capsys.readouterr())


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
    world.keep(oru(1))

    ended = drain(world.deps, owner="w")

    assert ended == 0
    assert world.fhir.sent == []
    assert world.states() == [State.CLAIMED]


def test_a_patient_is_noted_again_after_a_worker_died_between_writing_and_noting() -> None:
    world = World()
    world.keep(oru(1))
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
    world.clock = Clock(step_s=40.0)
    world.keep(*[oru(n) for n in range(4)])

    ended = drain(world.deps, owner="w", pace=Pace(limit=1, budget_s=60.0))

    assert ended == 1
    assert "hl7" in world.queue.tickets


def test_a_drain_stops_between_two_claims_when_it_is_told_to() -> None:
    world = World()
    world.keep(*[oru(n) for n in range(4)])
    told = iter([False, True])

    ended = drain(world.deps, owner="w", pace=Pace(limit=1), stopping=lambda: next(told))

    assert ended == 1


def test_after_too_many_set_aside_in_a_row_the_others_of_the_sender_wait() -> None:
    world = World(braking=Braking(limit=3))
    world.keep(*[UNSUPPORTED] * 5, oru(1), oru(2))

    ended = [drain(world.deps, owner="w", pace=Pace(limit=2)) for _ in range(2)]

    assert world.states() == [State.ASIDE] * 3 + [State.WAITING] * 4
    assert ended[1] == 0


def test_when_one_that_is_tried_passes_the_others_follow() -> None:
    world = World(braking=Braking(limit=3))
    world.keep(*[UNSUPPORTED] * 4, oru(1), oru(2))
    drain(world.deps, owner="w")

    for _ in range(3):
        world.inbox.time_s += 600
        drain(world.deps, owner="w")

    assert world.states() == [State.ASIDE] * 4 + [State.DONE] * 2


def test_without_a_queue_the_work_is_done_all_the_same() -> None:
    world = World()
    world.queue.away = True
    world.keep(oru(1))

    assert drain(world.deps, owner="w") == 1
    assert world.changes.waiting() == 1


def test_messages_of_one_patient_are_stored_in_order_of_arrival() -> None:
    world = World()
    bodies = [oru(1, value=str(n)).replace(b"C-1", b"C-%d" % n) for n in range(60)]
    world.keep(*bodies, keys=dict.fromkeys(range(60), "k"))

    drain(world.deps, owner="w", pace=replace(Pace(), limit=7))

    (observation,) = world.fhir.all("Observation")
    assert str(observation["valueQuantity"]["value"]) == "59"


@pytest.mark.parametrize(("keep", "waits"), [((), False), ((oru(1),), True)])
def test_the_sweep_knows_whether_work_waits(keep: tuple[bytes, ...], waits: bool) -> None:
    world = World()
    world.keep(*keep)
    world.inbox.time_s += 1.0

    assert jobs.work_waits(world.deps) is waits


def test_codes_that_no_table_has_are_counted_by_sender_and_table() -> None:
    world = World()
    pid = segment("PID", {3: "1^^^NORTH^MR", 8: "Q"})
    body = message(pid, segment("PV1", {2: "I", 19: "V1"}), kind="ADT^A01")
    world.inbox.keep([Arrival("hl7", body, sender="ADT|NORTH")])
    deps = world.deps

    drain(deps, owner="w")

    assert dict(deps.tally.counts())[("ADT|NORTH", "AdministrativeSex")] == 1
