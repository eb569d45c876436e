"""The worker writes what is new enough by the model's policy, with who made it and from what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry_risk.jobs import score_due
from wherry_risk.records import ScoreRecord

ICU = "icu-mortality-24h"


@pytest.fixture
def icu(build: Callable[..., Any], make: Any) -> Any:
    """A worker of the trained model alone, and its patient."""
    return build(*make.icu(), worker_models=(ICU,))


def scored(world: Any, *arrived: Any, later_min: int = 0) -> dict[str, int]:
    """Put these and let the worker look."""
    for one in arrived:
        world.fhir.put(one)
    now = world.deps.clock.now() + timedelta(minutes=later_min)
    clock = type("Clock", (), {"now": lambda _: now})()
    world.changes.mark(["p-1"])
    world.changes.time_s += 2
    return dict(score_due(replace(world.deps, clock=clock)))


def written(world: Any) -> int:
    return len(world.fhir.all("RiskAssessment"))


def why(world: Any, model: str = ICU) -> dict[str, float]:
    lines = world.client.get("/metrics").data.decode().splitlines()
    start = f'wherry_risk_assessments_total{{model="{model}",why="'
    found = [line.removeprefix(start).split('"} ') for line in lines if line.startswith(start)]
    return {name: float(count) for name, count in found}


def newest(world: Any) -> ScoreRecord:
    record = world.records.kept[-1]
    assert isinstance(record, ScoreRecord)
    return record


def test_a_probability_that_hardly_moved_is_counted_and_not_written(icu: Any, make: Any) -> None:
    assert scored(icu) == {"written": 1}

    ended = scored(icu, make.measured("8867-4", "105", "/min", age_min=5))

    assert (ended, written(icu)) == ({"unchanged_enough": 1}, 1)
    assert why(icu) == {"first": 1.0, "unchanged_enough": 1.0}
    first, second = (record.head for record in icu.records.kept)
    assert abs(second.probability - first.probability) < Decimal("0.02")
    assert icu.records.written == [first.id]


def test_many_small_steps_are_measured_from_what_stands(icu: Any, make: Any) -> None:
    scored(icu)
    stands = icu.records.kept[0].head.probability

    for n in range(1, 12):
        if scored(icu, make.measured("2160-0", f"{1.9 + n / 2}", "mg/dL", age_min=10 - n / 2)) == {
            "written": 1
        }:
            break

    assert written(icu) == 2
    moved = abs(icu.records.kept[-1].head.probability - stands)
    tiers = {record.head.tier for record in icu.records.kept}
    assert moved >= Decimal("0.02") or len(tiers) > 1


def test_another_tier_is_written(icu: Any, make: Any) -> None:
    scored(icu)
    worse = [
        make.measured("9269-2", "3", "{score}", age_min=4),
        make.measured("8478-0", "40", "mm[Hg]", age_min=4),
        make.measured("2744-1", "6.9", "[pH]", age_min=4),
    ]

    assert scored(icu, *worse) == {"written": 1}
    assert why(icu)["tier"] == 1.0
    assert len({record.head.tier for record in icu.records.kept}) == 2


def test_after_some_hours_the_same_is_written_again(icu: Any, make: Any) -> None:
    scored(icu)
    fresh = [
        make.measured(code, value, unit, age_min=-235)
        for code, (unit, value) in {"8867-4": ("/min", "104"), "8478-0": ("mm[Hg]", "68")}.items()
    ]

    assert scored(icu, *fresh, later_min=236) == {"written": 1}
    assert why(icu) == {"first": 1.0, "refresh": 1.0}


def test_a_correction_is_written_though_newer_values_came_and_it_hardly_moved(
    icu: Any, make: Any
) -> None:
    scored(icu)
    corrected = make.measured("2951-2", "136", "mmol/L", status="corrected")

    ended = scored(icu, corrected, make.measured("8867-4", "105", "/min", age_min=5))

    assert (ended, why(icu)) == ({"written": 1}, {"first": 1.0, "corrected": 1.0})


def test_what_was_withdrawn_is_written_again_though_it_hardly_moved(icu: Any, make: Any) -> None:
    scored(icu)
    sodium = make.measured("2951-2", "137", "mmol/L", status="entered-in-error")

    ended = scored(icu, sodium, make.measured("8867-4", "105", "/min", age_min=5))

    assert (ended, why(icu)) == ({"written": 1}, {"first": 1.0, "withdrawn": 1.0})
    assert [one["status"] for one in icu.fhir.all("RiskAssessment")] == [
        "entered-in-error",
        "final",
    ]


def test_without_the_record_of_what_stands_it_is_written_again(icu: Any, make: Any) -> None:
    scored(icu)
    icu.records.kept.clear()

    assert scored(icu, make.measured("8867-4", "105", "/min", age_min=5)) == {"written": 1}


def test_the_same_inputs_again_keep_no_record_and_write_no_version(icu: Any) -> None:
    scored(icu)
    before = {key: len(kept) for key, kept in icu.fhir.versions.items()}

    assert scored(icu) == {"unchanged": 1}
    assert {key: len(kept) for key, kept in icu.fhir.versions.items()} == before
    assert len(icu.records.kept) == 1


def test_each_assessment_has_its_provenance_with_its_record(icu: Any) -> None:
    scored(icu)

    (assessment,), (provenance,) = (icu.fhir.all(t) for t in ("RiskAssessment", "Provenance"))
    (device,) = icu.fhir.all("Device")
    assert provenance["target"] == [{"reference": f"RiskAssessment/{assessment['id']}"}]
    assert provenance["agent"][0]["who"]["reference"] == f"Device/{device['id']}"
    kept = provenance["entity"][-1]["what"]["identifier"]["value"]
    head = icu.records.get(kept).head
    assert (head.patient_id, head.asked_by, head.model) == ("p-1", "worker", ICU)
    assert assessment["prediction"][0]["probabilityDecimal"] == head.probability


def test_two_models_share_one_commit_of_records(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.icu(), *make.normal()[1:], worker_models=("news2", ICU))

    assert scored(world) == {"written": 1}
    assert [record.head.model for record in world.records.kept] == ["news2", ICU]
    assert len(world.fhir.all("Provenance")) == len(world.fhir.all("Device")) == 2


def test_a_point_of_news2_is_always_enough(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.normal())
    scored(world)

    assert scored(world, make.vital("pulse", "75", age_min=1)) == {"unchanged_enough": 1}
    assert scored(world, make.vital("pulse", "95", age_min=0)) == {"written": 1}


def test_a_score_that_cannot_be_kept_is_not_written(icu: Any) -> None:
    icu.records.away = True

    assert scored(icu) == {"put_off": 1}
    assert icu.fhir.sent == []
