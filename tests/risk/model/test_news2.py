"""Every boundary of the RCP chart, the tiers, and what NEWS2 does not score."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.resource import Resource
from wherry_risk.model.interface import Refusal, RefusalCode, Score
from wherry_risk.model.news2 import BANDS, SPO2_BANDS, points, tier
from wherry_risk.model.news2_spec import news2_spec

Verdict = Callable[..., Score | Refusal]


def part_points(verdict: Score | Refusal, name: str) -> int:
    assert isinstance(verdict, Score), verdict
    return next(int(part.points) for part in verdict.parts if part.name == name)


# Source: Royal College of Physicians, NEWS2 (2017), chart 1; both sides of every boundary
BOUNDARIES = [
    *[("respiration-rate", v, p) for v, p in [("3", 3), ("8", 3), ("9", 1), ("11", 1), ("12", 0)]],
    *[("respiration-rate", v, p) for v, p in [("20", 0), ("21", 2), ("24", 2), ("25", 3)]],
    *[("respiration-rate", v, p) for v, p in [("80", 3), ("8.4", 3), ("8.5", 1), ("24.5", 3)]],
    *[("spo2", v, p) for v, p in [("30", 3), ("91", 3), ("92", 2), ("93", 2), ("94", 1)]],
    *[("spo2", v, p) for v, p in [("95", 1), ("96", 0), ("100", 0), ("91.4", 3), ("91.5", 2)]],
    *[("spo2", v, p) for v, p in [("95.4", 1), ("95.5", 0)]],
    *[("systolic-bp", v, p) for v, p in [("30", 3), ("90", 3), ("91", 2), ("100", 2), ("101", 1)]],
    *[("systolic-bp", v, p) for v, p in [("110", 1), ("111", 0), ("219", 0), ("220", 3)]],
    *[("systolic-bp", v, p) for v, p in [("300", 3), ("90.5", 2), ("219.4", 0), ("219.5", 3)]],
    *[("pulse", v, p) for v, p in [("20", 3), ("40", 3), ("41", 1), ("50", 1), ("51", 0)]],
    *[("pulse", v, p) for v, p in [("90", 0), ("91", 1), ("110", 1), ("111", 2), ("130", 2)]],
    *[("pulse", v, p) for v, p in [("131", 3), ("300", 3), ("130.4", 2), ("130.5", 3)]],
    *[("temperature", v, p) for v, p in [("25", 3), ("35.0", 3), ("35.1", 1), ("36.0", 1)]],
    *[("temperature", v, p) for v, p in [("36.1", 0), ("38.0", 0), ("38.1", 1), ("39.0", 1)]],
    *[("temperature", v, p) for v, p in [("39.1", 2), ("45", 2), ("35.04", 3), ("35.05", 1)]],
    *[("temperature", v, p) for v, p in [("38.04", 0), ("38.05", 1), ("39.04", 1), ("39.05", 2)]],
]


@pytest.mark.parametrize(("name", "value", "expected"), BOUNDARIES)
def test_each_vital_sign_scores_what_the_chart_says(
    name: str, value: str, expected: int, make: Any, news2: Verdict
) -> None:
    resources = make.normal(**{name.replace("-", "_"): value})

    verdict = news2(*resources)

    assert part_points(verdict, name) == expected


# Source: RCP NEWS2 (2017), chart 1, SpO2 scale 2
SCALE_2 = [
    *[(False, v, p) for v, p in [("83", 3), ("84", 2), ("85", 2), ("86", 1), ("87", 1)]],
    *[(False, v, p) for v, p in [("88", 0), ("92", 0), ("93", 0), ("97", 0), ("100", 0)]],
    *[(True, v, p) for v, p in [("83", 3), ("84", 2), ("85", 2), ("86", 1), ("87", 1)]],
    *[(True, v, p) for v, p in [("88", 0), ("92", 0), ("93", 1), ("94", 1), ("95", 2)]],
    *[(True, v, p) for v, p in [("96", 2), ("97", 3), ("100", 3), ("92.4", 0), ("92.5", 1)]],
]


@pytest.mark.parametrize(("on_oxygen", "value", "expected"), SCALE_2)
def test_scale_2_scores_oxygen_and_air_differently(
    on_oxygen: bool, value: str, expected: int, make: Any, news2: Verdict
) -> None:
    resources = [
        one for one in make.normal(spo2=value) if not one.get("id", "").startswith("o-3151")
    ]
    given_gas = make.oxygen() if on_oxygen else make.air()

    verdict = news2(*resources, given_gas, spo2_scale="2")

    assert part_points(verdict, "spo2") == expected


def test_without_a_flag_scale_1_holds_on_oxygen_too(make: Any, news2: Verdict) -> None:
    resources = [*make.normal(spo2="90"), make.oxygen(age_min=5)]

    verdict = news2(*resources)

    assert part_points(verdict, "spo2") == 3
    assert part_points(verdict, "supplemental-oxygen") == 2


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([(True, 600)], 0),
        ([(False, 600)], 3),
        ([(True, 600), (False, 300)], 3),
        ([(False, 600), (True, 300)], 0),
    ],
)
def test_the_newest_flag_of_a_clinician_chooses_the_scale(
    flags: list[tuple[bool, int]], expected: int, make: Any, news2: Verdict
) -> None:
    flagged = [make.flag(on, age_min=age_min) for on, age_min in flags]

    verdict = news2(*make.normal(spo2="90"), *flagged)

    assert part_points(verdict, "spo2") == expected


@pytest.mark.parametrize(("spo2", "refused"), [("92", False), ("93", True), ("97", True)])
def test_scale_2_above_92_percent_is_not_scored_without_knowing_the_gas(
    spo2: str, refused: bool, make: Any, news2: Verdict
) -> None:
    resources = [
        one for one in make.normal(spo2=spo2) if not one.get("id", "").startswith("o-3151")
    ]

    verdict = news2(*resources, spo2_scale="2")

    assert isinstance(verdict, Refusal) is refused


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("LA9340-6", 0), ("LA6560-2", 3), ("LA17108-4", 3), ("LA17107-6", 3), ("LA9343-0", 3)],
)
def test_everything_below_alert_scores_three(
    answer: str, expected: int, make: Any, news2: Verdict
) -> None:
    resources = [*make.normal(), make.alert(answer, age_min=5)]

    assert part_points(news2(*resources), "consciousness") == expected


# Source: RCP NEWS2 (2017), chart 2
@pytest.mark.parametrize(
    ("total", "single", "expected"),
    [
        *[(0, 0, "low"), (1, 1, "low"), (4, 2, "low"), (3, 3, "low-medium"), (4, 3, "low-medium")],
        *[(5, 2, "medium"), (5, 3, "medium"), (6, 3, "medium"), (7, 2, "high"), (20, 3, "high")],
    ],
)
def test_tiers_follow_the_thresholds(total: int, single: int, expected: str) -> None:
    assert tier(total, single) == expected
    assert news2_spec().tier(expected).response


def test_the_worst_of_everything_is_twenty(make: Any, news2: Verdict) -> None:
    sick = make.normal(
        respiration_rate="30", spo2="85", systolic_bp="80", pulse="140", temperature="34"
    )

    verdict = news2(*sick, make.oxygen(age_min=5), make.alert("LA9343-0", age_min=5))

    assert isinstance(verdict, Score)
    assert (int(verdict.score), verdict.tier, verdict.partial) == (20, "high", False)


def test_a_normal_set_is_zero_and_whole(make: Any, news2: Verdict) -> None:
    verdict = news2(*make.normal())

    assert isinstance(verdict, Score)
    assert (int(verdict.score), verdict.tier, verdict.partial) == (0, "low", False)
    assert (verdict.at_most, verdict.missing) == (None, ())
    assert verdict.probability is None


def test_absent_oxygen_and_consciousness_make_it_partial_and_say_how_high_it_could_be(
    make: Any, news2: Verdict
) -> None:
    resources = make.normal(pulse="95")[:-2]

    verdict = news2(*resources)

    assert isinstance(verdict, Score)
    assert (verdict.score, verdict.partial, verdict.at_most) == (Decimal(1), True, Decimal(6))
    assert [one.spec.name for one in verdict.missing] == ["supplemental-oxygen", "consciousness"]


@pytest.mark.parametrize(
    "name", ["respiration-rate", "spo2", "systolic-bp", "pulse", "temperature"]
)
def test_without_any_one_of_the_five_vital_signs_it_is_refused(
    name: str, make: Any, news2: Verdict
) -> None:
    code = make.vital(name)["id"]
    resources = [one for one in make.normal() if one.get("id") != code]

    verdict = news2(*resources)

    assert isinstance(verdict, Refusal)
    assert verdict.code == RefusalCode.MISSING_INPUTS
    assert [one.spec.name for one in verdict.missing] == [name]


def test_values_that_are_all_too_old_are_refused_as_stale(make: Any, news2: Verdict) -> None:
    old = [make.vital(name, age_min=241) for name in BANDS] + [make.vital("spo2", age_min=241)]

    verdict = news2(make.patient(), *old)

    assert isinstance(verdict, Refusal)
    assert verdict.code == RefusalCode.STALE_INPUTS
    assert {one.age_s for one in verdict.missing} == {241 * 60}


@pytest.mark.parametrize(
    ("born", "refused"),
    [
        ("2010-03-01", False),  # sixteen today
        ("2010-03-02", True),  # sixteen tomorrow
        ("2010-03", True),  # perhaps sixteen, perhaps not
        ("2010-02", False),
        ("2010", True),
        ("2009", False),
        ("2020-02-30", True),  # no such day
        ("unknown", True),
        (None, True),
    ],
)
def test_only_people_who_are_surely_sixteen_are_scored(
    born: str | None, refused: bool, make: Any, news2: Verdict
) -> None:
    verdict = news2(make.patient(born), *make.normal()[1:])

    assert isinstance(verdict, Refusal) is refused
    assert not refused or verdict.code == RefusalCode.OUT_OF_POPULATION  # type: ignore[union-attr]  # told apart in the line above


@pytest.mark.parametrize(
    "died", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-02-01T08:00:00Z"}]
)
def test_the_dead_are_not_scored(died: Resource, make: Any, news2: Verdict) -> None:
    verdict = news2(make.patient(**died), *make.normal()[1:])

    assert isinstance(verdict, Refusal)
    assert verdict.code == RefusalCode.OUT_OF_POPULATION


def test_a_site_may_widen_the_limits() -> None:
    spec = news2_spec(window=timedelta(hours=6), max_age=timedelta(hours=8))

    assert spec.window == timedelta(hours=6)
    assert {one.max_age for one in spec.inputs if one.required} == {timedelta(hours=8)}


NUMBERS = st.decimals(min_value=0, max_value=400, places=1, allow_nan=False, allow_infinity=False)


@given(value=NUMBERS, name=st.sampled_from(sorted(BANDS)))
def test_points_rise_away_from_one_healthy_band(value: Decimal, name: str) -> None:
    bands = BANDS[name]
    healthy = next(upper for upper, zero in bands if zero == 0)
    assert healthy is not None
    further = value + 1 if value > healthy else max(value - 1, Decimal(0))

    assert 0 <= points(bands, value) <= 3
    if points(bands, value):
        assert points(bands, further) >= points(bands, value)


@given(value=NUMBERS, key=st.sampled_from(sorted(SPO2_BANDS)))
def test_less_saturation_below_88_never_scores_less(value: Decimal, key: tuple[str, str]) -> None:
    low = min(value, Decimal(88))

    assert points(SPO2_BANDS[key], low) >= points(SPO2_BANDS[key], min(low + 1, Decimal(88)))


@given(
    rr=st.integers(3, 80),
    spo2=st.integers(30, 100),
    sbp=st.integers(30, 300),
    pulse=st.integers(20, 300),
    temperature=st.integers(250, 450),
)
def test_any_vital_signs_add_up_to_0_to_15(
    rr: int, spo2: int, sbp: int, pulse: int, temperature: int
) -> None:
    total = (
        points(BANDS["respiration-rate"], Decimal(rr))
        + points(SPO2_BANDS["1", "air"], Decimal(spo2))
        + points(BANDS["systolic-bp"], Decimal(sbp))
        + points(BANDS["pulse"], Decimal(pulse))
        + points(BANDS["temperature"], Decimal(temperature) / 10)
    )

    assert 0 <= total <= 15
