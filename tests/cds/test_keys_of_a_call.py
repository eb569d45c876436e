"""Required and optional keys, lent scopes, and reads at the same time."""

from collections.abc import Sequence
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from tests.cds.lent import (
    EHR,
    LAB_AT,
    LABORATORY,
    OUTCOME,
    STAY,
    Body,
    gathered,
    lend,
)

from wherry.errors import Failure, Kind
from wherry_cds.parallel import Threads
from wherry_cds.protocol.prefetch import Obtained


@pytest.mark.parametrize(
    ("sent", "obtained"),
    [
        ({}, Obtained.NOT_OBTAINED),
        ({"laboratory": None}, Obtained.NONE),
        ({"laboratory": OUTCOME}, Obtained.UNAVAILABLE),
        ({"laboratory": {"resourceType": "Bundle"}}, Obtained.NONE),
    ],
)
def test_an_optional_key_is_told_apart_and_never_refused(
    world: Any, request_body: Body, sent: Body, obtained: Obtained
) -> None:
    request_body["prefetch"] |= sent

    record = gathered(world, request_body, LABORATORY)

    assert record.obtained == {
        "patient": Obtained.DATA,
        "observations": Obtained.DATA,
        "laboratory": obtained,
    }
    assert record.by_key["laboratory"] == ()
    assert world.reader.asked == []


@pytest.mark.parametrize("kind", [Kind.UNMET, Kind.UNAVAILABLE])
def test_an_optional_key_that_cannot_be_read_is_done_without(
    world: Any, request_body: Body, kind: Kind
) -> None:
    lend(request_body)
    world.reader.pages = {EHR + LAB_AT: Failure(kind, "no")}

    record = gathered(world, request_body, LABORATORY)

    assert record.obtained["laboratory"] is Obtained.NOT_OBTAINED
    assert world.reader.asked == [(EHR + LAB_AT, "made-up-token")]


def test_an_optional_key_is_read_when_it_can_be(
    world: Any, request_body: Body, bundle: Body, pulse: Body
) -> None:
    lend(request_body)
    world.reader.pages = {EHR + LAB_AT: bundle}

    record = gathered(world, request_body, LABORATORY)

    assert record.by_key["laboratory"] == (pulse,)
    assert record.obtained["laboratory"] is Obtained.DATA


@pytest.mark.parametrize("value", [5, {"resourceType": "Basic"}, {"resourceType": "Patient"}])
def test_another_type_is_refused_under_an_optional_key_too(
    world: Any, request_body: Body, value: Any
) -> None:
    request_body["prefetch"]["laboratory"] = value

    with pytest.raises(Failure) as caught:
        gathered(world, request_body, LABORATORY)

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, "prefetch.laboratory")


def test_a_template_whose_token_did_not_come_is_not_read(world: Any, request_body: Body) -> None:
    del request_body["context"]["encounterId"]
    lend(request_body)

    record = gathered(world, request_body, STAY)

    assert record.obtained["stay"] is Obtained.NOT_OBTAINED
    assert world.reader.asked == []


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("patient/Patient.rs", "prefetch.observations"),
        ("patient/Observation.rs", "prefetch.patient"),
        ("patient/Observation.r patient/Patient.r", "prefetch.observations"),
        ("", "prefetch.patient"),
    ],
)
def test_what_the_scope_does_not_cover_is_not_asked_for(
    world: Any, request_body: Body, scope: str, refused: str
) -> None:
    request_body["prefetch"] = {}
    lend(request_body, scope=scope)

    answer = world.call(request_body)

    issue = answer.get_json()["issue"][0]
    assert (answer.status_code, issue["expression"]) == (412, [refused])
    assert "scope does not cover it" in issue["details"]["text"]
    assert world.reader.asked == []


def test_nothing_is_read_when_a_required_key_cannot_be(world: Any, request_body: Body) -> None:
    del request_body["prefetch"]["patient"]
    request_body["prefetch"]["observations"] = OUTCOME
    lend(request_body)

    assert world.call(request_body).status_code == 412
    assert world.reader.asked == []


def test_reads_get_the_life_of_the_token_when_it_is_shorter(
    world: Any, request_body: Body, patient: Body
) -> None:
    del request_body["prefetch"]["patient"]
    lend(request_body, expires_in=1)
    timeouts: list[float] = []

    class Timed:
        def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
            timeouts.append(timeout_s)
            return patient

    gathered(world, request_body, fhir=Timed())

    assert timeouts == [1.0]


# at the same time


class Meeting:
    """A FHIR server whose reads wait for one another: in turn they would never end."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self.barrier = Barrier(len(answers), timeout=5.0)
        self.answers = {("Patient" in str(one.get("resourceType"))): one for one in answers}

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        try:
            self.barrier.wait()
        except BrokenBarrierError:
            raise Failure(Kind.UNAVAILABLE, "alone", at=at) from None
        return self.answers["/Patient/" in address]


def test_keys_are_read_at_the_same_time(
    world: Any, request_body: Body, patient: Body, bundle: Body, pulse: Body
) -> None:
    request_body["prefetch"] = {}
    lend(request_body)

    record = gathered(world, request_body, fhir=Meeting([patient, bundle]), together=Threads(2))

    assert record.resources == (patient, pulse)


def test_what_is_not_done_in_time_is_a_failure_and_the_rest_is_kept() -> None:
    held = Barrier(2, timeout=5.0)

    ended = Threads(2).run([lambda: 1, held.wait], timeout_s=0.05)

    held.wait()
    assert ended[0] == 1
    assert isinstance(ended[1], Failure)
    assert ended[1].kind is Kind.UNAVAILABLE
