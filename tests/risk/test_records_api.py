"""GET /v1/scores/{id} and POST /v1/trend: what was kept is told, and who asked is noted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from wherry.codec import decode, encode
from wherry_risk.model.recording import floats

ICU = "icu-mortality-24h"
SINCE = "2026-02-28T12:00:00Z"
JSON = {"Content-Type": "application/json"}


def read(world: Any, record: str) -> Any:
    answer = world.client.get(f"/v1/scores/{record}")
    return answer.status_code, decode(answer.data)


def trend(world: Any, **body: Any) -> Any:
    asked = {"patient": "p-1", "model": "news2", "since": SINCE, **body}
    answer = world.client.post("/v1/trend", data=encode(asked), headers=JSON)
    return answer.status_code, decode(answer.data)


def test_a_record_tells_the_inputs_with_their_observations_and_what_came_out(
    world: Any, make: Any
) -> None:
    told = world.score(*make.icu(), model=ICU)

    status, kept = read(world, told["record"])

    assert (status, kept["status"], kept["model"], kept["patient"]) == (200, "scored", ICU, "p-1")
    assert kept["output"]["probability"] == told["probability"]
    used = {one["name"]: one for one in kept["inputs"]["used"]}
    assert used["creatinine"] == {
        "name": "creatinine",
        "value": Decimal("1.9"),
        "unit": "mg/dL",
        "sent_value": "1.9",
        "sent_unit": "mg/dL",
        "code": {"system": "http://loinc.org", "code": "2160-0"},
        "observed_at": "2026-03-01T11:50:00+00:00",
        "age_s": 600,
        "observation": "Observation/o-2160-0-10",
        "quality": [],
    }
    assert {"name": "albumin", "reason": "not_found"} in kept["inputs"]["missing"]
    assert round(floats(kept["graph"]["probability"])[0], 3) == float(told["probability"])
    assert (kept["role"], kept["asked_by"], kept["beside"]) == ("champion", "request", None)


def test_a_refusal_has_its_reason_and_no_number(world: Any, make: Any) -> None:
    told = world.score(make.patient())

    _, kept = read(world, told["record"])

    assert (kept["status"], kept["graph"]) == ("refused", None)
    assert kept["output"]["code"] == "missing_inputs"
    assert set(kept["output"]) == {"code", "text", "missing"}


def test_whoever_reads_a_record_leaves_a_row_with_the_request(world: Any, make: Any) -> None:
    told = world.score(*make.normal())

    world.client.get(f"/v1/scores/{told['record']}", headers={"X-Request-Id": "r-77"})

    (row,) = world.audit.rows
    assert (row.who, row.what, row.record_id, row.note) == (
        "service",
        "read",
        told["record"],
        "request r-77",
    )
    assert row.patient_key == "key of p-1"


def test_without_its_row_nothing_is_read(world: Any, make: Any) -> None:
    told = world.score(*make.normal())
    world.audit.away = True

    status, outcome = read(world, told["record"])
    trend_status, _ = trend(world)

    assert (status, trend_status, outcome["resourceType"]) == (503, 503, "OperationOutcome")


@pytest.mark.parametrize("id_", ["00000000-0000-4000-8000-999999999999", "p-1", "..", "batch"])
def test_an_unknown_record_is_not_found_and_leaves_no_row(id_: str, world: Any) -> None:
    assert world.client.get(f"/v1/scores/{id_}").status_code in {404, 405}
    assert world.audit.rows == []


def test_strangers_read_nothing(build: Callable[..., Any]) -> None:
    world = build(token=SecretStr("made-up"))

    assert read(world, "00000000-0000-4000-8000-000000000001")[0] == 401
    assert trend(world)[0] == 401


def test_a_trend_has_the_points_in_order_and_where_the_tier_changed(world: Any, make: Any) -> None:
    for hours, pulse in ((1, "95"), (3, "70"), (2, "140")):
        at = make.at - timedelta(hours=hours)
        earlier = type(make)(at=at)
        world.score(*earlier.normal(pulse=pulse), at=at.isoformat())
    world.score(make.patient())

    status, told = trend(world)

    assert status == 200
    assert [(one["score"], one["tier"]) for one in told["points"]] == [
        (0, "low"),
        (3, "low-medium"),
        (1, "low"),
    ]
    assert [(one["from"], one["to"]) for one in told["tier_changes"]] == [
        ("low", "low-medium"),
        ("low-medium", "low"),
    ]
    assert (told["records"], told["refused"], told["thinned"], told["complete"]) == (
        4,
        1,
        False,
        True,
    )
    assert [one.what for one in world.audit.rows] == ["trend"]


def test_a_trend_knows_one_patient_one_model_and_what_came_since(world: Any, make: Any) -> None:
    world.score(*make.icu(), *make.normal()[1:], model=ICU)

    assert [one["probability"] for one in trend(world, model=ICU)[1]["points"]] != []
    assert trend(world, model=ICU, since="2026-03-01T12:00:01Z")[1]["points"] == []
    assert trend(world, patient="p-2")[1]["records"] == 0


def test_shadow_scores_are_never_in_a_trend(world: Any, make: Any) -> None:
    world.score(*make.normal())
    (kept,) = world.records.kept
    world.records.kept[:] = [replace(kept, head=replace(kept.head, role="shadow"))]

    assert trend(world)[1]["records"] == 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"patient": "p 1"}, 400),
        ({"since": "yesterday"}, 400),
        ({"since": None}, 400),
        ({"until": SINCE}, 400),
        ({"model": "apache"}, 404),
    ],
)
def test_what_breaks_the_contract_is_refused(
    body: dict[str, Any], expected: int, world: Any
) -> None:
    assert trend(world, **body)[0] == expected
    assert world.audit.rows == []
