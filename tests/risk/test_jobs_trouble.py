"""The worker in trouble: nobody is dropped, nobody holds up the others, and a person can see it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry.resource import Bundle, Resource, SearchParams
from wherry.testing.fhir import FakeFhir
from wherry_risk.jobs import score_due, work_waits

PAUSES = (15.0, 30.0)


class Grumpy:
    """A FHIR server that fails for some patients, or all writes, or does not answer at all."""

    def __init__(
        self, inner: FakeFhir, *patients: str, error: Exception, deaf: bool = False
    ) -> None:
        self._inner, self._patients, self._error, self._deaf = inner, patients, error, deaf

    def read(self, type_: str, id_: str) -> Resource:
        if id_ in self._patients or self._deaf:
            raise self._error
        return self._inner.read(type_, id_)

    def search(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
        return self._inner.search(type_, params, limit=limit)

    def send(self, bundle: Bundle) -> Bundle:
        if not self._patients:
            raise self._error
        return self._inner.send(bundle)

    def create(self, resource: Resource) -> str:
        return self._inner.create(resource)

    def ping(self) -> None:
        if self._deaf:
            raise Failure(Kind.UNAVAILABLE, "what answers is no FHIR server")
        self._inner.ping()


def of(make: Any, patient_id: str) -> list[Resource]:
    """A whole set of one more made-up patient, under ids of their own."""
    own = replace(make, patient_id=patient_id).normal()
    return [own[0], *({**one, "id": f"{patient_id}-{one['id']}"} for one in own[1:])]


def due(world: Any, *patients: str) -> None:
    world.changes.mark(patients)
    world.changes.time_s += 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Failure(Kind.UNAVAILABLE, "away", at="fhir"), "unavailable at fhir"),
        (Failure(Kind.UNCERTAIN, "slow"), "uncertain at request"),
        (Failure(Kind.UNAUTHENTICATED, "wrong token"), "unavailable at fhir"),
        (ZeroDivisionError("a bug that names Jane Invented"), "fault: ZeroDivisionError"),
    ],
)
def test_one_patients_trouble_does_not_stop_the_others_and_is_kept(
    error: Exception, reason: str, build: Callable[..., Any], make: Any
) -> None:
    inner = FakeFhir(*of(make, "p-1"), *of(make, "p-2"), *of(make, "p-3"))
    world = build(fhir=Grumpy(inner, "p-2", error=error), pauses=())
    due(world, "p-1", "p-2", "p-3")

    tally = score_due(world.deps)

    assert tally == {"written": 2, "aside": 1}
    about = {one["subject"]["reference"] for one in inner.all("RiskAssessment")}
    assert about == {"Patient/p-1", "Patient/p-3"}
    assert [(one.patient_id, one.reason) for one in world.changes.aside()] == [("p-2", reason)]


def test_a_record_that_cannot_be_read_is_kept_for_a_person(
    build: Callable[..., Any], make: Any
) -> None:
    odd = make.vital("pulse")
    odd["code"]["coding"].append({"system": "http://loinc.org", "code": 8})
    world = build(make.patient(), odd, pauses=())
    due(world, "p-1")

    tally = score_due(world.deps)

    assert (tally, [one.reason for one in world.changes.aside()]) == (
        {"aside": 1},
        ["unprocessable at resources[1]"],
    )


def test_many_poisonous_patients_in_a_row_do_not_starve_the_rest(
    build: Callable[..., Any], make: Any
) -> None:
    poisonous = [f"a-{n}" for n in range(30)]
    inner = FakeFhir(*of(make, "p-1"))
    away = Failure(Kind.UNAVAILABLE, "the server answered 500")
    world = build(fhir=Grumpy(inner, *poisonous, error=away), batch=5)
    due(world, *poisonous, "p-1")

    assert score_due(world.deps) == {"put_off": 30, "written": 1}


def test_a_patient_in_trouble_is_tried_again_with_growing_pauses_and_then_kept_aside(
    build: Callable[..., Any], make: Any
) -> None:
    broken = Grumpy(FakeFhir(), "p-1", error=ZeroDivisionError())
    world = build(fhir=broken, pauses=PAUSES)
    due(world, "p-1")

    ends = []
    for pause_s in (14.0, 1.0, 29.0, 1.0, 3600.0):
        ends.append(dict(score_due(world.deps)))
        world.changes.time_s += pause_s

    assert ends == [{"put_off": 1}, {}, {"put_off": 1}, {}, {"aside": 1}]
    assert (score_due(world.deps), work_waits(world.deps)) == ({}, False)
    assert [(one.patient_id, one.attempts) for one in world.changes.aside()] == [("p-1", 3)]


def test_who_is_sent_back_after_the_fault_was_mended_is_scored(
    build: Callable[..., Any], make: Any
) -> None:
    inner = FakeFhir(*make.normal())
    world = build(fhir=Grumpy(inner, "p-1", error=ZeroDivisionError()), pauses=())
    due(world, "p-1")
    score_due(world.deps)

    world.changes.requeue(["p-1"])

    assert score_due(replace(world.deps, fhir=inner)) == {"written": 1}
    assert world.changes.counts() == {State.WAITING: 0, State.ASIDE: 0}


def test_a_deleted_patient_is_done_when_the_server_shows_others(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*of(make, "p-2"))
    due(world, "p-1", "p-2")

    tally = score_due(world.deps)

    assert (tally, world.changes.counts()) == (
        {"written": 1, "gone": 1},
        {State.WAITING: 0, State.ASIDE: 0},
    )


def test_a_server_that_knows_none_of_our_patients_may_be_the_wrong_one(
    build: Callable[..., Any],
) -> None:
    world = build(pauses=())
    due(world, "p-1", "p-2")

    tally = score_due(world.deps)

    assert (tally, [one.reason for one in world.changes.aside()]) == (
        {"aside": 2},
        ["not_found at patient"] * 2,
    )


@pytest.mark.parametrize("kind", [Kind.NOT_FOUND, Kind.UNAVAILABLE, Kind.UNCERTAIN])
def test_while_no_fhir_server_answers_everybody_waits_and_no_attempt_counts(
    kind: Kind, build: Callable[..., Any], make: Any
) -> None:
    deaf = Grumpy(FakeFhir(), "p-1", error=Failure(kind, "no"), deaf=True)
    world = build(fhir=deaf, pauses=())
    due(world, *(f"p-{n}" for n in range(10)))

    for _ in range(20):
        assert score_due(world.deps) == {"left": 1}
        world.changes.time_s += world.deps.lease_s

    assert world.changes.counts() == {State.WAITING: 10, State.ASIDE: 0}


def test_a_token_that_is_refused_is_nobodys_own_trouble(build: Callable[..., Any]) -> None:
    class Locked(FakeFhir):
        def read(self, type_: str, id_: str) -> Resource:
            raise Failure(Kind.UNAUTHENTICATED, "the FHIR server answered 401")

        def search(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
            raise Failure(Kind.UNAUTHENTICATED, "the FHIR server answered 401")

    world = build(fhir=Locked(), pauses=())
    due(world, "p-1", "p-2")

    assert (score_due(world.deps), world.changes.aside()) == ({"left": 1}, [])


def test_who_was_left_is_scored_when_the_lease_ends(build: Callable[..., Any], make: Any) -> None:
    away = [Failure(Kind.UNAVAILABLE, "away")] * 2  # the reading, and the question after it
    world = build(fhir=FakeFhir(*make.normal(), failures=away))
    due(world, "p-1")

    first = score_due(world.deps)
    at_once = score_due(world.deps)
    world.changes.time_s += world.deps.lease_s
    later = score_due(world.deps)

    assert (first, at_once, later) == ({"left": 1}, {}, {"written": 1})


def test_a_server_that_is_away_is_not_asked_for_everybody(build: Callable[..., Any]) -> None:
    away = FakeFhir(failures=[Failure(Kind.UNAVAILABLE, "away")] * 10)
    world = build(fhir=away)
    due(world, *(f"p-{n}" for n in range(10)))

    tally = score_due(world.deps)

    assert (tally, len(away.failures), world.changes.waiting()) == ({"left": 1}, 8, 10)


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.STALE, Kind.FORBIDDEN])
def test_a_result_that_could_not_be_written_is_written_later(
    kind: Kind, build: Callable[..., Any], make: Any
) -> None:
    inner = FakeFhir(*make.normal())
    world = build(fhir=Grumpy(inner, error=Failure(kind, "no")), pauses=PAUSES)
    due(world, "p-1")

    first = score_due(world.deps)
    world.changes.time_s += PAUSES[0]
    second = score_due(replace(world.deps, fhir=inner))

    assert (first, second) == ({"put_off": 1}, {"written": 1})


def test_what_is_logged_of_a_fault_names_nobody(
    build: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    world = build(fhir=Grumpy(FakeFhir(), "p-1", error=ValueError("Jane Invented")), pauses=())
    due(world, "p-1")

    score_due(world.deps)

    said = capsys.readouterr().out
    assert "patient_set_aside" in said
    assert "Jane" not in said
