"""POST /v1/score with a trained model: its probability, its parts, and NEWS2 beside it."""

from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from wherry.codec import decode, encode
from wherry_risk.jobs import score_due

MODEL = "icu-mortality-24h"


def test_the_answer_holds_probability_parts_and_news2(world: Any, make: Any) -> None:
    told = world.score(*make.icu(), model=MODEL)

    assert (told["model"], told["version"], told["status"]) == (MODEL, "0.2.0", "scored")
    assert 0 < told["probability"] < 1
    assert told["tier"] in {"low", "medium", "high"}
    assert len(told["parts"]) == 20
    assert [one["name"] for one in told["missing"]] == [
        "albumin",
        "bilirubin",
        "urine-24h",
        "ventilated",
    ]
    beside = told["beside"]
    assert (beside["model"], beside["status"], beside["score"]) == ("news2", "scored", 12)


def test_contributions_come_heaviest_first_with_value_unit_and_age(world: Any, make: Any) -> None:
    told = world.score(*make.icu(), model=MODEL)

    weights = [abs(one["points"]) for one in told["contributions"]]
    gcs = next(one for one in told["contributions"] if one["name"] == "gcs")
    assert weights == sorted(weights, reverse=True)
    assert {key: gcs[key] for key in ("label", "value", "unit", "observed_at", "age_s")} == {
        "label": "Glasgow Coma Scale",
        "value": 13,
        "unit": "{score}",
        "observed_at": "2026-03-01T11:50:00+00:00",
        "age_s": 600,
    }


def test_age_and_missing_inputs_have_no_time_of_observation(world: Any, make: Any) -> None:
    told = world.score(*make.icu(), model=MODEL)

    parts = {one["name"]: one for one in told["contributions"]}
    assert [(parts[n]["value"], parts[n]["observed_at"]) for n in ("age", "albumin")] == [
        (75, None),
        (None, None),
    ]


def test_a_refusal_still_carries_news2(world: Any, make: Any) -> None:
    told = world.score(*make.normal(), model=MODEL)

    assert (told["status"], told["refusal"]["code"]) == ("refused", "missing_inputs")
    assert "probability" not in told
    assert (told["beside"]["status"], told["beside"]["score"]) == ("scored", 0)


def test_news2_alone_has_nothing_beside_it(world: Any, make: Any) -> None:
    assert "beside" not in world.score(*make.normal())


def test_the_record_is_read_once_for_both(build: Callable[..., Any], make: Any) -> None:
    world = build(*make.icu())

    answer = world.post({"patient": "p-1", "model": MODEL, "at": make.at.isoformat()})

    told = decode(answer.data)
    assert (told["status"], told["beside"]["status"]) == ("scored", "scored")
    assert told["probability"] == world.score(*make.icu(), model=MODEL)["probability"]


def test_a_model_that_failed_its_checks_is_told_and_news2_goes_on(
    build: Callable[..., Any], make: Any
) -> None:
    whole = build()
    news2 = {"news2": whole.deps.models["news2"]}
    world = build(models=news2, unserved={MODEL: "model.onnx: the hash differs"})

    asked = world.post({"resources": make.icu(), "model": MODEL})
    ready = world.client.get("/readyz")
    listed = decode(world.client.get("/v1/models").data)

    assert asked.status_code == 503
    assert "not served" in asked.data.decode()
    assert (ready.status_code, decode(ready.data)["notes"]) == (
        200,
        {f"model {MODEL}": "not served: model.onnx: the hash differs"},
    )
    assert listed["unserved"] == [{"id": MODEL, "reason": "model.onnx: the hash differs"}]
    assert world.score(*make.normal())["status"] == "scored"


def test_both_verdicts_are_counted(world: Any, make: Any) -> None:
    world.score(*make.icu(), model=MODEL)

    text = world.client.get("/metrics").data.decode()

    assert f'wherry_risk_scores_total{{model="{MODEL}"' in text
    assert 'wherry_risk_scores_total{model="news2"' in text


def due(world: Any) -> Any:
    world.changes.mark(["p-1"])
    world.changes.time_s += 2
    return score_due(world.deps)


def test_the_worker_writes_one_risk_assessment_per_model(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*make.icu(), worker_models=("news2", MODEL, "retired"))

    tally = due(world)
    again = due(world)

    made = {one["method"]["coding"][0]["code"]: one for one in world.fhir.all("RiskAssessment")}
    assert (tally, again) == ({"written": 1}, {"unchanged": 1})
    assert sorted(made) == [MODEL, "news2"]
    told = world.score(*make.icu(), model=MODEL)
    assert made[MODEL]["prediction"][0]["probabilityDecimal"] == told["probability"]
    assert made[MODEL]["meta"]["security"][0]["code"] == "AIAST"
    assert "probabilityDecimal" not in made["news2"]["prediction"][0]
    assert len(made[MODEL]["basis"]) == 15
    for one in made.values():
        RiskAssessment.model_validate_json(encode(one))


def test_where_the_trained_model_refuses_the_worker_writes_news2(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(*make.normal(), worker_models=(MODEL, "news2"))

    assert due(world) == {"written": 1}
    assert [one["method"]["coding"][0]["code"] for one in world.fhir.all("RiskAssessment")] == [
        "news2"
    ]


@pytest.mark.parametrize("models", [(MODEL,), ("news2",)])
def test_only_the_models_of_the_worker_are_written(
    build: Callable[..., Any], make: Any, models: tuple[str, ...]
) -> None:
    world = build(*make.icu(), worker_models=models)

    due(world)

    assert [one["method"]["coding"][0]["code"] for one in world.fhir.all("RiskAssessment")] == list(
        models
    )


POINTS = {
    "medium": {
        "threshold": 0.15,
        "sensitivity": 0.6929,
        "specificity": 0.75,
        "ppv": 0.3294,
        "npv": 0.9324,
        "hits": 167,
        "flagged": 507,
    },
    "high": {
        "threshold": 0.3,
        "sensitivity": 0.39,
        "specificity": 0.9346,
        "ppv": 0.5137,
        "npv": 0.8963,
        "hits": 94,
        "flagged": 183,
    },
}


def test_the_answer_says_how_good_the_model_was_at_this_tier(world: Any, make: Any) -> None:
    """The counts are those of the evaluation: 1601 people of the test part, 241 of whom died."""
    told = world.score(*make.icu(), model=MODEL)

    good = told["performance"]
    assert (float(good["auroc"]), good["n"], good["events"]) == (0.8162, 1601, 241)
    assert good["calibrated_on"].startswith("1110 rows")
    point = {name: float(value) for name, value in good["operating_point"].items()}
    expected = POINTS["high" if told["tier"] == "high" else "medium"]
    assert point == {**expected, "events": 241, "n": 1601}
    assert "performance" not in told["beside"]
