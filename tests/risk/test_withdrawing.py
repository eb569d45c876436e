"""A withdrawn Observation: its RiskAssessments are replaced by a new score or marked as wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.testing.fhir import FakeFhir
from wherry_risk.jobs import score_due
from wherry_risk.model.withdrawal import NOTE

SUSPECT = {"tag": [{"system": "urn:wherry:devices:quality", "code": "suspect"}]}


def scored(world: Any) -> dict[str, int]:
    world.changes.mark(["p-1"])
    world.changes.time_s += 2
    return dict(score_due(world.deps))


def kept(world: Any) -> list[tuple[str, str, int]]:
    """Time, status and score of each stored assessment."""
    return [
        (
            one["occurrenceDateTime"],
            one["status"],
            one["prediction"][0]["extension"][0]["valueDecimal"],
        )
        for one in world.fhir.all("RiskAssessment")
    ]


def withdrawn(resource: Any, status: str = "entered-in-error") -> Any:
    return {**resource, "status": status}


def test_a_new_score_takes_the_place_of_one_with_the_same_newest_input(
    build: Callable[..., Any], make: Any
) -> None:
    wrong = make.vital("pulse", "140", age_min=15)
    world = build(*make.normal()[:4], *make.normal()[5:], wrong, make.vital("pulse", age_min=20))
    scored(world)

    world.fhir.put(withdrawn(wrong))

    assert scored(world) == {"written": 1}
    assert kept(world) == [("2026-03-01T11:50:00Z", "final", 0)]


def test_when_the_newest_input_is_withdrawn_the_old_one_is_wrong_and_a_new_one_is_written(
    build: Callable[..., Any], make: Any
) -> None:
    wrong = make.vital("pulse", "140", age_min=5)
    world = build(*make.normal(), wrong)
    scored(world)

    world.fhir.put(withdrawn(wrong))
    scored(world)

    assert kept(world) == [
        ("2026-03-01T11:55:00Z", "entered-in-error", 3),
        ("2026-03-01T11:50:00Z", "final", 0),
    ]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_when_nothing_can_be_scored_any_more_the_old_one_is_wrong(
    status: str, build: Callable[..., Any], make: Any
) -> None:
    resources = make.normal()
    world = build(*resources)
    scored(world)

    world.fhir.put(withdrawn(resources[1], status))

    assert scored(world) == {"withdrawn": 1}
    (old,) = world.fhir.all("RiskAssessment")
    assert (old["status"], old["note"][-1]["text"]) == ("entered-in-error", NOTE)
    assert old["note"][0]["text"].startswith("Supports clinicians")


def test_a_reading_that_is_marked_as_suspect_later_undoes_its_score_too(
    build: Callable[..., Any], make: Any
) -> None:
    resources = make.normal()
    world = build(*resources)
    scored(world)

    world.fhir.put({**resources[1], "meta": SUSPECT})
    scored(world)

    assert [status for _, status, _ in kept(world)] == ["entered-in-error"]


def test_an_older_assessment_is_found_though_its_inputs_are_no_longer_read(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*make.normal())
    old = {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": "urn:wherry:risk:assessment", "value": "old"}],
        "status": "final",
        "subject": {"reference": "Patient/p-1"},
        "occurrenceDateTime": "2026-02-01T11:50:00Z",
        "basis": [{"reference": "https://ehr.example.org/fhir/Observation/gone/_history/2"}],
        "prediction": [{"extension": [{"valueDecimal": 5}]}],
    }
    stranger = {**old, "identifier": [{"system": "urn:example", "value": "x"}]}
    world.fhir.put(old)
    world.fhir.put(stranger)
    unread = make.observation("55555-5", age_min=40000)
    world.fhir.put(withdrawn({**unread, "id": "gone"}))

    scored(world)

    assert [status for _, status, _ in kept(world)] == ["entered-in-error", "final", "final"]


def test_what_was_withdrawn_once_is_left_alone(build: Callable[..., Any], make: Any) -> None:
    resources = make.normal()
    world = build(*resources)
    scored(world)
    world.fhir.put(withdrawn(resources[1]))
    scored(world)
    sent = len(world.fhir.sent)

    again = scored(world)

    assert (again, len(world.fhir.sent)) == ({"refused": 1}, sent)


def test_an_observation_that_stands_again_brings_its_score_back(
    build: Callable[..., Any], make: Any
) -> None:
    resources = make.normal()
    world = build(*resources)
    for status in ("final", "entered-in-error", "corrected"):
        world.fhir.put(withdrawn(resources[1], status))
        scored(world)

    assert kept(world) == [("2026-03-01T11:50:00Z", "final", 0)]


def test_a_withdrawal_that_meets_somebody_elses_change_is_tried_again(
    build: Callable[..., Any], make: Any
) -> None:
    class Raced(FakeFhir):
        def send(self, bundle: Any) -> Any:
            if "ifMatch" in bundle["entry"][0]["request"]:
                raise Failure(Kind.STALE, "somebody else wrote first")
            return super().send(bundle)

    resources = make.normal()
    fhir = Raced(*resources)
    world = build(fhir=fhir)
    scored(world)
    fhir.put(withdrawn(resources[1]))

    assert scored(world) == {"put_off": 1}
    assert world.changes.waiting() == 1
