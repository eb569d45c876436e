"""POST /v1/scores/batch: each patient's own verdict or problem, none instead of another's."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.testing.fhir import FakeFhir
from wherry_risk.lifecycle.roles import Role

AT = "2026-03-01T12:00:00+00:00"


def ask(world: Any, *patients: Any, **more: Any) -> Any:
    answer = world.client.post(
        "/v1/scores/batch",
        data=encode({"patients": patients, "at": AT, **more}),
        headers={"Content-Type": "application/json"},
    )
    return answer.status_code, decode(answer.data)


def of(make: Any, patient_id: str, **values: str) -> list[Any]:
    own = replace(make, patient_id=patient_id).normal(**values)
    return [own[0], *({**one, "id": f"{patient_id}-{one['id']}"} for one in own[1:])]


def test_each_is_answered_in_order_by_id_or_by_resources(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*of(make, "p-1", pulse="95"), *of(make, "p-2"))

    status, told = ask(
        world, {"patient": "p-2"}, {"resources": of(make, "p-3", pulse="140")}, {"patient": "p-1"}
    )

    assert (status, told["answered"], told["problems"]) == (200, 3, 0)
    answers = [one["answer"] for one in told["answers"]]
    assert [(one["patient"], one["score"]) for one in answers] == [
        ("p-2", 0),
        ("p-3", 3),
        ("p-1", 1),
    ]
    assert [one["record"] for one in answers] == [r.head.id for r in world.records.kept]


def test_a_trained_model_has_news2_beside_each(world: Any, make: Any) -> None:
    _, told = ask(
        world, *[{"resources": make.icu()}] * 2, model="icu-mortality-24h", setting="inpatient"
    )

    assert [one["answer"]["beside"]["model"] for one in told["answers"]] == ["news2", "news2"]
    kept = [(record.head.id, record.head.beside) for record in world.records.kept]
    assert [beside for _, beside in kept] == ["", kept[0][0], "", kept[2][0]]


def test_what_is_wrong_with_one_is_said_of_that_one(build: Callable[..., Any], make: Any) -> None:
    world = build(*of(make, "p-1"))
    stranger = {**make.vital("pulse"), "subject": {"reference": "Patient/p-9"}}

    _, told = ask(
        world,
        {"patient": "p-1"},
        {"patient": "nobody"},
        {"patient": "p 1"},
        {},
        {"patient": "p-1", "resources": [stranger]},
        {"patient": "p-1", "name": "Invented"},
        {"resources": [make.patient()]},
    )

    ends = [one.get("problem", {}).get("code", "answered") for one in told["answers"]]
    assert ends == [
        "answered",
        "not-found",
        "invalid",
        "invalid",
        "processing",
        "invalid",
        "answered",
    ]
    assert told["answers"][4]["problem"]["at"] == "resources[0].subject"
    assert told["answers"][-1]["answer"]["status"] == "refused"
    assert "Invented" not in str(told)


def test_once_the_server_is_away_nobody_else_waits_for_it(
    build: Callable[..., Any], make: Any
) -> None:
    away = FakeFhir(*of(make, "p-1"), failures=[Failure(Kind.UNAVAILABLE, "away", at="fhir")])
    world = build(fhir=away)

    _, told = ask(world, {"patient": "p-1"}, {"patient": "p-1"}, {"resources": of(make, "p-2")})

    problems = [one.get("problem") for one in told["answers"]]
    assert [one and (one["code"], one["again"]) for one in problems] == [
        ("transient", True),
        ("transient", True),
        None,
    ]


def test_who_is_not_reached_in_time_is_told_to_ask_again(
    build: Callable[..., Any], make: Any
) -> None:
    seconds = count(0, 3)
    world = build(ticks=lambda: float(next(seconds)))

    _, told = ask(world, *[{"resources": of(make, "p-1")}] * 10)

    assert 0 < told["answered"] < 10
    last = told["answers"][-1]["problem"]
    assert (last["code"], last["again"], last["text"]) == (
        "transient",
        True,
        "not reached in time; ask again",
    )


def test_a_version_on_trial_scores_all_of_them_and_none_of_it_is_shown(
    build: Callable[..., Any], make: Any, models: Any
) -> None:
    beside = {"news2": [(Role.SHADOW, models["qsofa"])]}
    world = build(beside=lambda name: beside.get(name, []))

    _, told = ask(world, {"resources": of(make, "p-1")}, {}, {"resources": of(make, "p-2")})

    heads = [record.head for record in world.records.kept]
    assert [(head.role, head.patient_id) for head in heads] == [
        ("champion", "p-1"),
        ("champion", "p-2"),
        ("shadow", "p-1"),
        ("shadow", "p-2"),
    ]
    assert [head.beside for head in heads[2:]] == [head.id for head in heads[:2]]
    assert "qsofa" not in str(told)


def test_when_the_records_cannot_be_kept_nobody_is_answered(world: Any, make: Any) -> None:
    world.records.away = True

    assert ask(world, {"resources": make.normal()})[0] == 503


@pytest.mark.parametrize(
    ("patients", "more", "expected"),
    [
        ([], {}, 400),
        ([{"patient": "p-1"}] * 101, {}, 400),
        ([{"patient": "p-1"}], {"at": "now"}, 400),
        ([{"patient": "p-1"}], {"spo2_scale": 3}, 400),
        ([{"patient": "p-1"}], {"setting": "moon"}, 400),
        (["p-1"], {}, 400),
        ([{"patient": "p-1"}], {"model": "apache"}, 404),
    ],
)
def test_what_breaks_the_contract_of_the_batch_is_refused(
    patients: Any, more: dict[str, Any], expected: int, world: Any
) -> None:
    assert ask(world, *patients, **more)[0] == expected
