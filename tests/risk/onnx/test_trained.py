"""The trained model answers with a calibrated probability, or refuses; it never guesses."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry.resource import Resource
from wherry_risk.model.interface import Refusal, Score
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import record
from wherry_risk.onnx.load import PACKAGES, load
from wherry_risk.onnx.trained import Trained, tier_of

MODEL = load(PACKAGES / "icu-mortality-24h" / "0.2.0")


@pytest.fixture
def judged(make: Any) -> Callable[..., Judged]:
    def told(*resources: Resource) -> Judged:
        return judge(MODEL, record(resources), at=make.at)

    return told


@pytest.fixture
def score(judged: Callable[..., Judged]) -> Callable[..., Score]:
    def told(*resources: Resource) -> Score:
        verdict = judged(*resources).verdict
        assert isinstance(verdict, Score)
        return verdict

    return told


@pytest.fixture
def refusal(judged: Callable[..., Judged]) -> Callable[..., Refusal]:
    def told(*resources: Resource) -> Refusal:
        verdict = judged(*resources).verdict
        assert isinstance(verdict, Refusal)
        return verdict

    return told


def test_an_adult_in_intensive_care_gets_a_probability(make: Any, score: Any) -> None:
    told = score(*make.icu())

    assert told.probability == told.score
    assert Decimal("0.05") < told.probability < Decimal("0.7")
    assert told.tier == tier_of(MODEL.manifest, told.probability)
    assert (told.partial, told.at_most) == (False, None)
    assert {one.spec.name for one in told.missing} == {
        "albumin",
        "bilirubin",
        "urine-24h",
        "ventilated",
    }


def test_a_sicker_patient_gets_a_higher_probability(make: Any, score: Any) -> None:
    worse = {"9269-2": "4", "3094-0": "95", "8478-0": "45", "2744-1": "7.08", "2160-0": "4.1"}

    assert score(*make.icu(values=worse)).probability > score(*make.icu()).probability + Decimal(
        "0.2"
    )


def test_contributions_and_base_make_the_probability(make: Any, score: Any) -> None:
    told = score(*make.icu())
    other = score(*make.icu(values={"9269-2": "3"}))

    def log_odds(p: Decimal) -> float:
        return float((p / (1 - p)).ln())

    def parts(one: Score) -> float:
        return float(sum(part.points for part in one.parts))

    moved = log_odds(other.probability) - log_odds(told.probability)
    assert moved == pytest.approx(parts(other) - parts(told), abs=0.03)  # three digits are shown


def test_each_part_names_the_reading_that_counted(make: Any, score: Any) -> None:
    resources = make.icu(without=["8867-4"])
    pulses = [
        make.measured("8867-4", value, "/min", age_min=minutes)
        for value, minutes in (("88", 5), ("141", 600), ("99", 30), ("190", 26 * 60))
    ]

    part = next(p for p in score(*resources, *pulses).parts if p.name == "heart-rate")

    assert part.reading is not None
    assert (part.reading.value, part.reading.reference) == (
        Decimal(141),  # the worst of the last 24 h; 190 is older
        "Observation/o-8867-4-600",
    )


def test_the_age_comes_from_the_birth_date_and_from_no_observation(make: Any, score: Any) -> None:
    told = score(*make.icu(), make.measured("30525-0", "31", "a"))

    part = next(p for p in told.parts if p.name == "age")
    assert part.reading is not None
    assert (part.reading.value, part.reading.reference) == (Decimal(75), "")


@pytest.mark.parametrize(
    ("code", "sent", "unit", "meant"),
    [
        ("2160-0", "168.0", "umol/L", "1.9"),
        ("2345-7", "9", "mmol/L", "162.144"),
        ("6690-2", "14.2", "10*9/L", "14.2"),
        ("3150-6", "0.5", "1", "50"),
        ("4544-3", "0.31", "L/L", "31"),
        ("2019-8", "4.8", "kPa", "36.0"),
        ("2744-1", "7.31", "1", "7.31"),
    ],
)
def test_units_are_converted_per_analyte(
    make: Any, judged: Any, *, code: str, sent: str, unit: str, meant: str
) -> None:
    told = judged(*make.icu(without=[code]), make.measured(code, sent, unit))

    found = next(one for one in told.facts.used.values() if one.code.code == code)
    assert float(found.value) == pytest.approx(float(meant), rel=2e-3)


@pytest.mark.parametrize(
    ("code", "value", "unit", "reason"),
    [
        ("2160-0", "168", "mmol/L", "unit"),
        ("2744-1", "731", "[pH]", "implausible"),
        ("3150-6", "0.5", "%", "implausible"),
        ("4544-3", "31", "", "unit"),
    ],
)
def test_what_is_not_certain_is_missing(
    make: Any, score: Any, *, code: str, value: str, unit: str, reason: str
) -> None:
    told = score(*make.icu(without=[code]), make.measured(code, value, unit))

    assert reason in [one.reason for one in told.missing]


def test_an_implausible_value_does_not_hide_the_others_of_its_window(make: Any, score: Any) -> None:
    slip = make.measured("8867-4", "999", "/min", age_min=1)

    assert score(*make.icu(), slip).probability == score(*make.icu()).probability


def test_mean_pressure_is_derived_when_it_was_not_measured(make: Any, judged: Any) -> None:
    vitals = [make.measured("8462-4", "53", "mm[Hg]")]

    told = judged(*make.icu(without=["8478-0"]), *vitals)

    found = told.facts.used["mean-bp"]
    assert (found.value, found.reference) == (Decimal("68.0"), "Observation/o-8480-6-10")


def test_a_ventilator_is_known_by_its_rate_or_tidal_volume(make: Any, judged: Any) -> None:
    for code, value, unit in (("33438-3", "14", "/min"), ("20112-9", "450", "mL")):
        told = judged(*make.icu(), make.measured(code, value, unit))
        assert told.facts.used["ventilated"].value == 1

    off = judged(*make.icu(), make.measured("33438-3", "0", "/min"))
    assert off.facts.missing["ventilated"].reason == "implausible"


def test_fewer_than_twelve_known_inputs_are_refused(make: Any, refusal: Any) -> None:
    away = ["2744-1", "2019-8", "2703-7", "3150-6", "9269-2"]

    told = refusal(*make.icu(without=away))

    assert (told.code, told.text) == (
        "missing_inputs",
        "Only 11 of 20 inputs are known; the model needs at least 12.",
    )
    assert len(told.missing) == 9


@pytest.mark.parametrize(
    ("code", "age_min", "expected"),
    [
        ("8867-4", None, ("missing_inputs", "No usable value: heart rate.")),
        ("8867-4", 241, ("stale_inputs", "Not recent enough: heart rate.")),
    ],
)
def test_without_a_recent_heart_rate_it_is_refused(
    make: Any, refusal: Any, code: str, age_min: float | None, expected: tuple[str, str]
) -> None:
    old = [] if age_min is None else [make.measured(code, "80", "/min", age_min=age_min)]

    told = refusal(*make.icu(without=[code]), *old)

    assert (told.code, told.text) == expected


@pytest.mark.parametrize(
    ("patient", "text"),
    [
        ({"born": "2010-01-01"}, "The model is not for people under 18."),
        (
            {"born": None},
            "The model is for people of 18 and over; no usable birth date is recorded.",
        ),
        ({"deceasedBoolean": True}, "The patient is recorded as deceased."),
    ],
)
def test_people_it_is_not_for_are_refused(
    make: Any, refusal: Any, patient: dict[str, Any], text: str
) -> None:
    told = refusal(make.patient(**patient), *make.icu()[1:])

    assert (told.code, told.text) == ("out_of_population", text)


def test_the_same_record_a_day_later_is_refused_for_its_feed(make: Any) -> None:
    told = judge(MODEL, record(make.icu()), at=make.at + timedelta(hours=24)).verdict

    assert isinstance(told, Refusal)
    assert told.code == "feed_lag"


@pytest.mark.parametrize(
    ("probability", "tier"),
    [("0", "low"), ("0.149", "low"), ("0.15", "medium"), ("0.299", "medium"), ("0.3", "high")],
)
def test_a_threshold_belongs_to_the_tier_above(probability: str, tier: str) -> None:
    assert tier_of(MODEL.manifest, Decimal(probability)) == tier


def test_it_keeps_the_model_interface() -> None:
    assert isinstance(MODEL, Trained)
    assert [one.name for one in MODEL.spec.inputs] == [f.name for f in MODEL.manifest.features]
    assert MODEL.spec.kind == "ai"


def test_the_readable_values_of_a_window_are_kept_newest_first(make: Any, judged: Any) -> None:
    told = judged(
        *make.icu(),
        make.measured("8867-4", "70", "/min", age_min=90),
        make.measured("8867-4", "88", "/min", age_min=30),
        make.measured("8867-4", "9", "/min", age_min=20),
    )

    assert [one.value for one in told.facts.series["heart-rate"]] == [104, 88, 70]
