"""What the source of a value says about it decides whether a model may use it."""

from collections.abc import Callable
from typing import Any

import pytest

from wherry.fhir.quality import QUALITY as TAGS
from wherry.fhir.quality import Scored
from wherry_risk.model.facts import facts
from wherry_risk.model.judgement import judge
from wherry_risk.model.news2_spec import news2_spec
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load

QUALITY = "urn:wherry:devices:quality"
ICU = load(PACKAGES / "icu-mortality-24h" / "0.2.0")


def tagged(*codes: str, system: str = QUALITY) -> dict[str, Any]:
    return {"meta": {"tag": [{"system": system, "code": code} for code in codes]}}


def without(make: Any, name: str) -> list[Any]:
    code = make.vital(name)["id"]
    return [one for one in make.normal() if one["id"] != code]


def of(*kinds: Scored) -> list[str]:
    """The tags of the table of which it says so."""
    return sorted(tag for tag, use in TAGS.items() if use.scored in kinds)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("suspect", "suspect"),
        ("demo", "suspect"),
        ("derived", "suspect"),
        ("manual", "self_entered"),
        ("a-word-that-nobody-weighed", "suspect"),
        *((tag, "suspect") for tag in of(Scored.UNMEASURED, Scored.DOUBTFUL)),
    ],
)
def test_a_value_that_may_not_be_used_is_missing_with_its_reason(
    tag: str, reason: str, world: Any, make: Any
) -> None:
    told = world.score(*without(make, "spo2"), make.vital("spo2", "71", **tagged(tag)))

    assert told["status"] == "refused"
    assert told["refusal"]["missing"] == [
        {"name": "spo2", "label": "Oxygen saturation", "reason": reason, "age_s": 600}
    ]


@pytest.mark.parametrize("tag", ["suspect", *of(Scored.DOUBTFUL)])
def test_an_older_value_does_not_stand_in_for_a_doubtful_newer_one(
    tag: str, world: Any, make: Any
) -> None:
    told = world.score(*make.normal(), make.vital("spo2", "71", age_min=1, **tagged(tag)))

    assert [one["reason"] for one in told["refusal"]["missing"]] == ["suspect"]


@pytest.mark.parametrize("tag", of(Scored.UNMEASURED))
def test_what_is_as_if_not_measured_hides_no_older_value_and_is_told(
    tag: str, world: Any, make: Any
) -> None:
    nobodys = make.vital("spo2", "71", age_min=1, **tagged(tag))

    told = world.score(*make.normal(), nobodys)

    assert (told["status"], told["score"]) == ("scored", 0)
    assert [one["observation"] for one in told["unused"]] == [f"Observation/{nobodys['id']}"]


def test_the_label_of_a_test_record_alone_keeps_it_out(world: Any, make: Any) -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
    test = make.vital("spo2", "71", age_min=1, meta={"security": [label]})

    told = world.score(*make.normal(), test)

    assert (told["status"], told["score"]) == ("scored", 0)
    assert [one["reason"] for one in told["unused"]] == ["suspect"]


@pytest.mark.parametrize("tag", ["manual", *of(Scored.UNMEASURED, Scored.DOUBTFUL)])
def test_what_may_not_be_used_is_no_feature_of_a_trained_model(
    tag: str, world: Any, make: Any
) -> None:
    before = world.score(*make.icu(), model="icu-mortality-24h")
    odd = [make.measured("8867-4", "250", "/min", age_min=age, **tagged(tag)) for age in (5, 90)]

    told = world.score(*make.icu(), *odd, model="icu-mortality-24h")

    assert (told["inputs"], told["score"]) == (before["inputs"], before["score"])


def test_a_day_without_an_hour_is_never_an_input(world: Any, make: Any) -> None:
    named = make.vital("spo2", "71", effectiveDateTime=make.at.date().isoformat())

    told = world.score(*without(make, "spo2"), named)

    assert [one["reason"] for one in told["refusal"]["missing"]] == ["no_time"]


def test_a_sound_value_of_the_same_moment_stands_in_and_the_doubtful_one_is_told(
    world: Any, make: Any
) -> None:
    doubtful = {**make.vital("spo2", "71", **tagged("suspect")), "id": "doubtful"}

    told = world.score(*make.normal(), doubtful)

    assert (told["status"], told["score"]) == ("scored", 0)
    assert told["unused"] == [
        {
            "name": "spo2",
            "label": "Oxygen saturation",
            "reason": "suspect",
            "age_s": 600,
            "observation": "Observation/doubtful",
        }
    ]


def test_of_a_window_the_doubtful_values_are_left_out_and_told(world: Any, make: Any) -> None:
    beyond = make.measured("8867-4", "190", "/min", age_min=1500, **tagged("suspect"))
    worst = make.measured("8867-4", "180", "/min", age_min=60, **tagged("suspect"))

    told = world.score(*make.icu(), worst, beyond, model="icu-mortality-24h")

    pulse = next(one for one in told["inputs"] if one["name"] == "heart-rate")
    assert pulse["value"] == 104
    assert [(one["name"], one["reason"], one["observation"]) for one in told["unused"]] == [
        ("heart-rate", "suspect", f"Observation/{worst['id']}")
    ]


def test_what_a_model_takes_though_typed_in_is_labelled_wherever_it_counts(
    build: Callable[..., Any], make: Any
) -> None:
    world = build(models=registry(self_entered=True))
    typed = make.vital("pulse", "95", **tagged("manual", "assumed-offset"))

    told = world.score(*without(make, "pulse"), typed)

    labelled = {
        place: [one["quality"] for one in told[place] if one["name"] == "pulse"]
        for place in ("inputs", "contributions")
    }
    assert told["score"] == 1
    assert labelled == {
        "inputs": [["manual", "assumed-offset"]],
        "contributions": [["manual", "assumed-offset"]],
    }


def test_a_value_that_is_both_typed_in_and_doubtful_is_never_used(make: Any) -> None:
    both = make.vital("pulse", "95", **tagged("manual", "suspect"))

    found = facts(news2_spec(self_entered=True), record([make.patient(), both]), at=make.at)

    assert found.missing["pulse"].reason == "suspect"


@pytest.mark.parametrize("tag", ["assumed-offset", "no-offset", *of(Scored.LABELLED)])
def test_a_value_whose_offset_alone_is_unsure_is_used_and_labelled(
    tag: str, world: Any, make: Any
) -> None:
    told = world.score(*without(make, "pulse"), make.vital("pulse", **tagged(tag)))

    assert [one["quality"] for one in told["inputs"] if one["name"] == "pulse"] == [[tag]]


def test_tags_of_other_systems_mean_nothing_here(world: Any, make: Any) -> None:
    other = make.vital("pulse", **tagged("suspect", system="urn:example:tags"))

    told = world.score(*without(make, "pulse"), other)

    assert (told["status"], told["unused"]) == ("scored", [])


@pytest.mark.parametrize("doubtful", ["8480-6", "8462-4"])
def test_a_mean_pressure_is_as_doubtful_as_either_of_its_parts(doubtful: str, make: Any) -> None:
    parts = [
        make.measured(code, value, "mm[Hg]", **(tagged("suspect") if code == doubtful else {}))
        for code, value in (("8480-6", "120"), ("8462-4", "60"))
    ]

    judged = judge(ICU, record([make.patient(), *parts]), at=make.at)

    reasons = {
        one.spec.codes[0].code: (one.reason, one.age_s) for one in judged.facts.missing.values()
    }
    assert reasons["8478-0"] == ("suspect", 600)


@pytest.mark.parametrize(
    "status", ["registered", "preliminary", "cancelled", "entered-in-error", "unknown"]
)
def test_what_does_not_stand_is_never_an_input(status: str, world: Any, make: Any) -> None:
    told = world.score(*make.normal(), make.vital("pulse", "140", age_min=1, status=status))

    assert (told["status"], told["score"]) == ("scored", 0)


def test_each_model_says_whether_it_takes_what_was_typed_in(build: Callable[..., Any]) -> None:
    world = build(models=registry(self_entered=True))

    told = world.client.get("/v1/models").json

    assert {one["id"]: one["self_entered"] for one in told["models"]} == {
        "news2": True,
        **dict.fromkeys(("qsofa", "lace", "hospital"), False),
    }
    assert not ICU.spec.self_entered
    assert not news2_spec().self_entered
