"""The worker: many arrivals, one scoring; the same inputs, one RiskAssessment; nobody is lost."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.resource import Bundle, Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.jobs import score_due, work_waits


class Grumpy:
    """A FHIR server that fails for one patient, or for all writes, in its own way."""

    def __init__(self, inner: FakeFhir, *, patient_id: str, error: Exception) -> None:
        self._inner, self._patient_id, self._error = inner, patient_id, error

    def read(self, type_: str, id_: str) -> Resource:
        if id_ == self._patient_id:
            raise self._error
        return self._inner.read(type_, id_)

    def search(self, type_: str, params: Mapping[str, str], *, limit: int = 1000) -> list[Resource]:
        return self._inner.search(type_, params, limit=limit)

    def send(self, bundle: Bundle) -> Bundle:
        if self._patient_id == "":
            raise self._error
        return self._inner.send(bundle)

    def create(self, resource: Resource) -> str:
        return self._inner.create(resource)

    def ping(self) -> None:
        self._inner.ping()


def of(make: Any, patient_id: str, **values: str) -> list[Resource]:
    """A whole set of one more made-up patient, under ids of their own."""
    own = replace(make, patient_id=patient_id).normal(**values)
    return [own[0], *({**one, "id": f"{patient_id}-{one['id']}"} for one in own[1:])]


def test_a_changed_patient_gets_one_risk_assessment(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal(pulse="95"))
    for _ in range(20):
        world.changes.mark(["p-1"])
    world.changes.time_s += 2

    tally = score_due(world.deps)

    assert tally == {"written": 1}
    assert world.changes.waiting() == 0
    assert len(world.fhir.all("RiskAssessment")) == 1


def test_the_risk_assessment_says_what_it_rests_on(build: Callable[..., Any], make: Any) -> None:
    resources = make.normal(pulse="95", respiration_rate="26")
    world = build(*resources)
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    score_due(world.deps)

    made = world.fhir.all("RiskAssessment")[0]
    assert {key: made[key] for key in ("status", "subject", "occurrenceDateTime", "method")} == {
        "status": "final",
        "subject": {"reference": "Patient/p-1"},
        "occurrenceDateTime": "2026-03-01T11:50:00Z",
        "method": {
            "coding": [{"system": "urn:wherry:risk:model", "version": "2017.1", "code": "news2"}],
            "text": "National Early Warning Score 2",
        },
    }
    assert sorted(one["reference"] for one in made["basis"]) == sorted(
        f"Observation/{one['id']}" for one in resources[1:]
    )
    prediction = made["prediction"][0]
    assert "probabilityDecimal" not in prediction
    assert prediction["extension"] == [{"url": "urn:wherry:fhir:risk-score", "valueDecimal": 4}]
    assert [one["code"] for one in prediction["qualitativeRisk"]["coding"]] == [
        "low-medium",
        "moderate",
    ]
    assert prediction["whenPeriod"] == {
        "start": "2026-03-01T11:50:00Z",
        "end": "2026-03-02T11:50:00Z",
    }
    assert "security" not in made["meta"]  # AIAST is for models that were trained


def test_scoring_the_same_inputs_again_adds_nothing(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal())
    for minutes in (0, 20):
        later = make.at + timedelta(minutes=minutes)
        needs = replace(world.deps, clock=type("Clock", (), {"now": lambda _, at=later: at})())
        world.changes.mark(["p-1"])
        world.changes.time_s += 2
        last = score_due(needs)

    assert last == {"unchanged": 1}
    assert len(world.fhir.sent) == 1
    assert [
        len(kept) for key, kept in world.fhir.versions.items() if key[0] == "RiskAssessment"
    ] == [1]


def test_a_new_observation_makes_a_new_assessment(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal())
    for extra in (None, make.vital("pulse", "120", age_min=1)):
        if extra:
            world.fhir.put(extra)
        world.changes.mark(["p-1"])
        world.changes.time_s += 2
        score_due(world.deps)

    scores = [
        one["prediction"][0]["extension"][0]["valueDecimal"]
        for one in world.fhir.all("RiskAssessment")
    ]
    assert scores == [0, 2]


def test_a_corrected_observation_corrects_its_assessment(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*make.normal())
    for value in ("70", "120"):
        world.fhir.put(make.vital("pulse", value, status="corrected"))
        world.changes.mark(["p-1"])
        world.changes.time_s += 2
        score_due(world.deps)

    kept = world.fhir.all("RiskAssessment")
    assert [one["prediction"][0]["extension"][0]["valueDecimal"] for one in kept] == [2]


def test_a_partial_score_is_preliminary_and_says_why(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal()[:-2])
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    score_due(world.deps)

    made = world.fhir.all("RiskAssessment")[0]
    assert made["status"] == "preliminary"
    assert made["note"][0]["text"].startswith(
        "Partial: no usable value for air or oxygen, consciousness (acvpu); at most 5."
    )


def test_a_refusal_is_counted_and_writes_nothing(build: Callable[..., Any], make: Any) -> None:
    world = build(make.patient(), make.vital("pulse"))
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    tally = score_due(world.deps)

    assert (tally, world.fhir.sent, world.changes.waiting()) == ({"refused": 1}, [], 0)
    counted = world.client.get("/metrics").data.decode()
    assert 'wherry_risk_refusals_total{code="missing_inputs",model="news2"} 1.0' in counted


@pytest.mark.parametrize(
    ("error", "ended", "waiting"),
    [
        (Failure(Kind.NOT_FOUND, "gone"), "failed", 0),
        (Failure(Kind.UNAVAILABLE, "away"), "left", 1),
        (Failure(Kind.UNAUTHENTICATED, "wrong token"), "left", 1),
        (ZeroDivisionError("a bug"), "broke", 0),
    ],
)
def test_one_patients_trouble_does_not_stop_the_others(
    error: Exception, ended: str, waiting: int, build: Callable[..., Any], make: Any
) -> None:
    inner = FakeFhir(*of(make, "p-1"), *of(make, "p-2"), *of(make, "p-3"))
    world = build(fhir=Grumpy(inner, patient_id="p-2", error=error))
    world.changes.mark(["p-1", "p-2", "p-3"])
    world.changes.time_s += 2

    tally = score_due(world.deps)

    assert tally == {"written": 2, ended: 1}
    assert world.changes.waiting() == waiting
    about = {one["subject"]["reference"] for one in inner.all("RiskAssessment")}
    assert about == {"Patient/p-1", "Patient/p-3"}


def test_who_was_left_is_scored_when_the_lease_ends(build: Callable[..., Any], make: Any) -> None:
    away = FakeFhir(*make.normal(), failures=[Failure(Kind.UNAVAILABLE, "away")])
    world = build(fhir=away)
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    first = score_due(world.deps)
    at_once = score_due(world.deps)
    world.changes.time_s += world.deps.lease_s
    later = score_due(world.deps)

    assert (first, at_once, later) == ({"left": 1}, {}, {"written": 1})


def test_a_server_that_is_away_is_not_asked_for_everybody(
    build: Callable[..., Any], make: Any
) -> None:
    patients = [f"p-{n}" for n in range(10)]
    away = FakeFhir(failures=[Failure(Kind.UNAVAILABLE, "away")] * 10)
    world = build(fhir=away)
    world.changes.mark(patients)
    world.changes.time_s += 2

    tally = score_due(world.deps)

    assert tally == {"left": 3}
    assert len(away.failures) == 7
    assert world.changes.waiting() == 10


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.STALE, Kind.FORBIDDEN])
def test_a_result_that_could_not_be_written_is_written_later(
    kind: Kind, build: Callable[..., Any], make: Any
) -> None:
    inner = FakeFhir(*make.normal())
    world = build(fhir=Grumpy(inner, patient_id="", error=Failure(kind, "no")))
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    first = score_due(world.deps)
    world.changes.time_s += world.deps.lease_s
    second = score_due(replace(world.deps, fhir=inner))

    assert (first, second) == ({"left": 1}, {"written": 1})


def test_nobody_is_scored_before_the_record_is_quiet(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal())
    world.changes.mark(["p-1"])

    assert score_due(world.deps) == {}
    assert work_waits(world.deps)


def test_a_worker_that_is_told_to_stop_takes_no_more(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal())
    world.changes.mark(["p-1"])
    world.changes.time_s += 2

    assert score_due(world.deps, stopping=lambda: True) == {}
    assert world.changes.waiting() == 1


def test_who_changed_while_being_scored_is_looked_at_again(
    build: Callable[..., Any], make: Any
) -> None:
    class Busy(FakeChanges):
        def settle(self, looked_at: Any) -> None:
            self.mark(["p-1"])
            super().settle(looked_at)

    marks = Busy()
    world = build(*make.normal(), changes=marks)
    marks.mark(["p-1"])
    marks.time_s += 2

    score_due(world.deps)

    assert work_waits(world.deps)
