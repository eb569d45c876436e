"""When the FHIR server refuses, breaks or is away, nothing is lost. All data are synthetic."""

import pytest
from tests.hl7.world import World, oru

from wherry import draining
from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry.resource import Bundle, Resource
from wherry.testing.fhir import FakeFhir
from wherry_hl7.jobs import drain


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
    world.keep(oru(1), oru(2, patient=2, value="666"), oru(3))

    drain(world.deps, owner="w")

    assert world.states() == [State.DONE, State.ASIDE, State.DONE]
    assert world.reasons()[1] == "unprocessable at request: the FHIR server answered 422"


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.UNAUTHENTICATED])
def test_while_the_server_is_away_messages_wait_longer_each_time_and_are_never_given_up(
    kind: Kind,
) -> None:
    world = World()
    world.keep(oru(1))
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
    world.keep(oru(1))
    world.fhir.failures = [Failure(Kind.UNAVAILABLE, "away")] * 2
    drain(world.deps, owner="w")

    assert drain(world.deps, owner="w") == 0
    assert len(world.fhir.failures) == 1


def test_a_message_that_breaks_the_server_does_not_hold_up_others_for_ever() -> None:
    world = World(_Refusing(Failure(Kind.UNAVAILABLE, "the FHIR server answered 500")))
    world.keep(oru(1, patient=1, value="666"), oru(2, patient=2), oru(3, patient=3))

    for _ in range(10):
        drain(world.deps, owner="w")
        world.inbox.time_s += 10.0

    assert world.states() == [State.WAITING, State.DONE, State.DONE]


def test_a_conflict_that_never_ends_is_for_a_person() -> None:
    world = World(_Refusing(Failure(Kind.STALE, "somebody else wrote first")))
    world.keep(oru(1, value="666"))

    for _ in range(draining.PATIENCE):
        drain(world.deps, owner="w")
        world.inbox.time_s += 300.0
    before = world.states()
    drain(world.deps, owner="w")

    assert (before, world.states()) == ([State.WAITING], [State.ASIDE])
