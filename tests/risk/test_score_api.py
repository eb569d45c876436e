"""POST /v1/score and GET /v1/models as a caller sees them; all patients are made up."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.testing.fhir import FakeFhir

AT = "2026-03-01T12:00:00+00:00"


def outcome(answer: Any) -> tuple[int, str, str]:
    """Status, issue code and place of an OperationOutcome."""
    body = decode(answer.data)
    assert body["resourceType"] == "OperationOutcome", body
    issue = body["issue"][0]
    return answer.status_code, issue["code"], issue.get("expression", [""])[0]


def test_a_score_comes_with_parts_inputs_and_times(world: Any, make: Any) -> None:
    told = world.score(*make.normal(respiration_rate="26", temperature="38.60"))

    head = {name: told[name] for name in ("model", "version", "patient", "at", "status")}
    assert head == {
        "model": "news2",
        "version": "2017.1",
        "patient": "p-1",
        "at": AT,
        "status": "scored",
    }
    assert (told["score"], told["tier"], told["probability"]) == (4, "low-medium", None)
    assert [told[name] for name in ("partial", "at_most", "missing")] == [False, None, []]
    assert [(part["name"], part["points"]) for part in told["contributions"][:2]] == [
        ("respiration-rate", 3),
        ("temperature", 1),
    ]
    assert {part["name"] for part in told["parts"]} == {one["name"] for one in told["inputs"]}
    assert [one for one in told["inputs"] if one["name"] == "temperature"] == [
        {
            "name": "temperature",
            "label": "Temperature",
            "value": Decimal("38.60"),
            "unit": "Cel",
            "sent_value": "38.60",
            "sent_unit": "Cel",
            "code": {"system": "http://loinc.org", "code": "8310-5"},
            "observed_at": "2026-03-01T11:50:00+00:00",
            "age_s": 600,
            "observation": "Observation/o-8310-5-10",
            "quality": [],
        }
    ]


def test_a_converted_value_is_shown_as_charts_show_it(world: Any, make: Any) -> None:
    resources = [one for one in make.normal() if "8310-5" not in one["id"]]
    fahrenheit = {"value": Decimal("101.3"), "unit": "degF", "code": "[degF]"}

    told = world.score(*resources, make.observation("8310-5", valueQuantity=fahrenheit))

    shown = next(one for one in told["inputs"] if one["name"] == "temperature")
    assert (shown["value"], shown["unit"]) == (Decimal("38.5"), "Cel")
    assert (shown["sent_value"], shown["sent_unit"]) == ("101.3", "[degF]")


def test_a_refusal_names_what_is_missing(world: Any, make: Any) -> None:
    told = world.score(make.patient(), make.vital("pulse"), make.vital("spo2", age_min=300))

    assert told["status"] == "refused"
    assert "score" not in told
    assert told["refusal"]["code"] == "missing_inputs"
    assert told["refusal"]["missing"] == [
        {"name": "respiration-rate", "label": "Respiration rate", "reason": "not_found"},
        {"name": "spo2", "label": "Oxygen saturation", "reason": "stale", "age_s": 18000},
        {"name": "systolic-bp", "label": "Systolic blood pressure", "reason": "not_found"},
        {"name": "temperature", "label": "Temperature", "reason": "not_found"},
    ]


@pytest.mark.parametrize(
    "name", ["respiration-rate", "spo2", "systolic-bp", "pulse", "temperature"]
)
def test_a_vital_sign_sent_as_text_is_refused_and_never_guessed(
    name: str, world: Any, make: Any
) -> None:
    text = make.vital(name)
    text["valueString"] = str(text.pop("valueQuantity")["value"])
    resources = [one for one in make.normal() if one["id"] != text["id"]]

    told = world.score(*resources, text)

    assert told["status"] == "refused"
    assert [(one["name"], one["reason"]) for one in told["refusal"]["missing"]] == [
        (name, "not_a_number")
    ]


def test_without_an_age_nobody_is_scored(world: Any, make: Any) -> None:
    told = world.score(*make.normal()[1:], patient="p-1")

    assert told["refusal"]["code"] == "out_of_population"


def test_scale_2_is_used_when_the_caller_says_so(world: Any, make: Any) -> None:
    resources = make.normal(spo2="90")

    told = world.score(*resources, spo2_scale=2)

    assert (told["score"], told["flags"]) == (0, {"spo2-scale": "2"})
    assert world.score(*resources)["score"] == 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "invalid", "")),
        (b"{", (400, "invalid", "")),
        (b"[]", (400, "invalid", "")),
        (b'"news2"', (400, "invalid", "")),
        (b"null", (400, "invalid", "")),
        (b"\xff\xfe", (400, "invalid", "")),
        (b'{"patient": "p-1", "at": NaN}', (400, "invalid", "")),
        ({}, (400, "invalid", "patient")),
        ({"patient": ""}, (400, "invalid", "patient")),
        ({"patient": "p 1"}, (400, "invalid", "patient")),
        ({"patient": "../Observation"}, (400, "invalid", "patient")),
        ({"patient": "p" * 65}, (400, "invalid", "patient")),
        ({"patient": 1}, (400, "invalid", "patient")),
        ({"patient": None}, (400, "invalid", "patient")),
        ({"patient": "p-1", "at": "2026-03-01"}, (400, "invalid", "at")),
        ({"patient": "p-1", "at": "2026-03-01T12:00:00"}, (400, "invalid", "at")),
        ({"patient": "p-1", "at": "2026-02-30T12:00:00Z"}, (400, "invalid", "at")),
        ({"patient": "p-1", "at": 1}, (400, "invalid", "at")),
        ({"patient": "p-1", "model": ""}, (400, "invalid", "model")),
        ({"patient": "p-1", "spo2_scale": 3}, (400, "invalid", "spo2_scale")),
        ({"patient": "p-1", "spo2_scale": True}, (400, "invalid", "spo2_scale")),
        ({"patient": "p-1", "patientId": "p-1"}, (400, "invalid", "")),
        ({"resources": {}}, (400, "invalid", "resources")),
        ({"resources": ["Patient"]}, (400, "invalid", "resources[0]")),
        ({"resources": [{}]}, (400, "invalid", "resources[0].resourceType")),
        ({"resources": [{"resourceType": 1}]}, (400, "invalid", "resources[0].resourceType")),
        ({"resources": [{"resourceType": "Device"}] * 5001}, (400, "invalid", "resources")),
        ({"resources": []}, (422, "processing", "patient")),
        ({"patient": "p-1", "model": "apache"}, (404, "not-found", "model")),
        ({"patient": "p-1"}, (404, "not-found", "patient")),
    ],
)
def test_what_breaks_the_contract_is_named(
    body: Any, expected: tuple[int, str, str], world: Any
) -> None:
    assert outcome(world.post(body)) == expected


def test_resources_of_another_patient_make_it_fail(world: Any, make: Any) -> None:
    stranger = {**make.vital("pulse"), "subject": {"reference": "Patient/p-2"}}

    answer = world.post({"patient": "p-1", "resources": [*make.normal(), stranger], "at": AT})

    assert outcome(answer) == (422, "processing", "resources[8].subject")


def test_another_content_type_is_not_read(world: Any) -> None:
    answer = world.client.post("/v1/score", data=b"{}", headers={"Content-Type": "text/plain"})

    assert outcome(answer)[:2] == (415, "not-supported")


def test_a_body_that_is_too_large_is_not_read(build: Callable[..., Any]) -> None:
    answer = build(max_body_bytes=100).post({"patient": "p-1", "model": "n" * 200})

    assert outcome(answer)[:2] == (413, "too-long")


def test_without_resources_the_record_is_read_from_the_fhir_server(
    build: Callable[..., Any], make: Any
) -> None:
    stranger = {**make.vital("pulse", "200"), "id": "x", "subject": {"reference": "Patient/p-2"}}
    later = make.vital("pulse", "190", age_min=-10)
    world = build(*make.normal(pulse="95"), stranger, later)

    told = decode(world.post({"patient": "p-1"}).data)

    assert (told["status"], told["score"], told["at"]) == ("scored", 1, AT)


def test_a_monitor_that_fills_the_first_page_does_not_hide_the_rest(
    build: Callable[..., Any], make: Any
) -> None:
    beats = [make.vital("pulse", age_min=n / 60, id=f"beat-{n}") for n in range(500)]
    world = build(*make.normal(), *beats)

    told = decode(world.post({"patient": "p-1"}).data)

    assert (told["status"], told["partial"]) == ("scored", False)


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.UNAUTHENTICATED, Kind.UNSUPPORTED])
def test_a_fhir_server_that_does_not_answer_us_is_a_503(
    kind: Kind, build: Callable[..., Any], make: Any
) -> None:
    away = FakeFhir(*make.normal(), failures=[Failure(kind, "no")])

    answer = build(fhir=away).post({"patient": "p-1"})

    assert outcome(answer)[:2] == (503, "transient")
    assert answer.headers["Retry-After"]


def test_not_ready_while_the_fhir_server_is_away(build: Callable[..., Any]) -> None:
    away = FakeFhir(failures=[Failure(Kind.UNAVAILABLE, "no")])

    assert build(fhir=away).client.get("/readyz").status_code == 503


def test_strangers_are_not_answered(build: Callable[..., Any]) -> None:
    answer = build(token=SecretStr("made-up")).post({"patient": "p-1"})

    assert outcome(answer)[:2] == (401, "login")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_do_not_break_it(at: str, world: Any, make: Any) -> None:
    for body in ({"resources": make.normal(), "at": at}, {"patient": "p-1", "at": at}):
        assert world.post(body).status_code in {200, 404, 422}


def test_the_models_say_what_they_read(world: Any) -> None:
    answer = decode(world.client.get("/v1/models").data)

    models = {model["id"]: model for model in answer["models"]}
    assert ("icu-mortality-24h" in models, answer["unserved"]) == (True, [])
    inputs = {one["name"]: one for one in models["news2"]["inputs"]}
    assert inputs["pulse"] == {
        "name": "pulse",
        "label": "Pulse",
        "codes": [{"system": "http://loinc.org", "code": "8867-4"}],
        "unit": "/min",
        "reads": "quantity",
        "plausible": [20, 300],
        "max_age_s": 14400,
        "required": True,
        "counts": "last",
        "lookback_s": None,
    }


def test_metrics_count_verdicts_and_hold_no_patient(world: Any, make: Any) -> None:
    world.score(*make.normal())
    world.score(make.patient())

    text = world.client.get("/metrics").data.decode()

    assert 'wherry_risk_scores_total{model="news2",partial="false",tier="low"} 1.0' in text
    assert 'wherry_risk_refusals_total{code="missing_inputs",model="news2"} 1.0' in text
    assert "p-1" not in text


def test_errors_and_logs_hold_no_values(
    world: Any, make: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "Nightingale"
    bodies: list[dict[str, Any]] = [
        {"patient": "p-1", secret: 1},
        {"patient": secret + " F"},
        {"patient": "p-1", "at": secret},
        {"resources": [{"resourceType": "Patient", "id": secret + " F", "birthDate": "1820"}]},
        {"resources": [make.patient(name=[{"family": secret}]), make.alert(valueString=secret)]},
        {"resources": [{"resourceType": "Observation", "status": [secret]}], "patient": "p-1"},
    ]

    answers = [world.post(body).data.decode() for body in bodies]

    told = "".join([*answers, *capsys.readouterr()])
    assert secret not in told


def test_times_in_any_zone_mean_the_same(world: Any, make: Any) -> None:
    told = world.score(*make.normal(), at="2026-03-01T14:00:00+02:00")

    assert told["inputs"][0]["age_s"] == 600


def test_every_input_names_its_observation(world: Any, make: Any) -> None:
    resources = make.normal()

    told = world.score(*resources)

    named = {one["observation"] for one in told["inputs"]}
    assert named == {f"Observation/{one['id']}" for one in resources[1:]}
