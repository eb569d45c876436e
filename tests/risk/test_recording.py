"""Each answer is kept before it is given, and can be computed again from what was kept."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.codec import decode
from wherry_risk.model.recording import floats

AT = "2026-03-01T12:00:00+00:00"


def test_a_score_is_kept_under_the_id_that_its_answer_has(world: Any, make: Any) -> None:
    told = world.score(*make.normal(pulse="95"))

    (record,) = world.records.kept
    head = record.head
    assert (head.id, head.patient_id, head.model, head.version) == (
        told["record"],
        "p-1",
        "news2",
        "2017.1",
    )
    assert (head.status, head.tier, head.score, head.probability) == ("scored", "low", 1, None)
    assert (head.tenant, head.role, head.asked_by) == ("default", "champion", "request")


def test_what_stands_beside_a_trained_model_is_kept_too(world: Any, make: Any) -> None:
    told = world.score(*make.icu(), model="icu-mortality-24h")

    asked, beside = (record.head for record in world.records.kept)
    assert (asked.id, beside.id) == (told["record"], told["beside"]["record"])
    assert (asked.beside, beside.beside) == ("", asked.id)
    assert len(asked.manifest_sha256) == len(beside.manifest_sha256) == 64


def test_the_unrounded_numbers_of_the_graph_are_kept(world: Any, make: Any, models: Any) -> None:
    told = world.score(*make.icu(), model="icu-mortality-24h")

    graph = world.records.kept[0].body.graph
    manifest = models["icu-mortality-24h"].manifest
    row = dict(zip([f.name for f in manifest.features], floats(graph.row), strict=True))
    assert row["creatinine"] == pytest.approx(1.9, abs=1e-6)
    assert row["urine-24h"] != row["urine-24h"]  # not known
    assert floats(graph.probability)[0] == pytest.approx(float(told["probability"]), abs=5e-4)
    assert sum(floats(graph.contributions)) != 0


def test_a_refusal_is_kept_with_its_reason(world: Any, make: Any) -> None:
    told = world.score(make.patient())

    record = world.records.get(told["record"])
    assert (record.head.status, record.head.refusal) == ("refused", "missing_inputs")
    assert record.body.missing["pulse"].reason == "not_found"
    assert record.body.score is None


def test_an_answer_that_cannot_be_kept_is_not_given(build: Callable[..., Any], make: Any) -> None:
    world = build()
    world.records.away = True

    answer = world.post({"resources": make.normal(), "at": AT})

    assert answer.status_code == 503
    assert decode(answer.data)["issue"][0]["code"] == "transient"


def test_not_ready_while_records_cannot_be_kept(build: Callable[..., Any]) -> None:
    world = build()
    world.records.away = True

    assert world.client.get("/readyz").status_code == 503


def test_the_same_question_has_the_same_answer_under_another_record(world: Any, make: Any) -> None:
    body = {"resources": make.normal(pulse="95"), "at": AT}

    first, second = (decode(world.post(body).data) for _ in range(2))

    assert first.pop("record") != second.pop("record")
    assert first == second
