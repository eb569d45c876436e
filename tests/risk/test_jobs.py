"""The worker: many arrivals, one scoring; the same inputs, one RiskAssessment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from wherry.testing.changes import FakeChanges
from wherry_risk.jobs import score_due, work_waits


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
