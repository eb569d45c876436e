"""When another RiskAssessment is written: the policy, and what was corrected since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry_risk.model.facts import Facts, facts
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import record
from wherry_risk.model.recording import Body, body_of, decoded, encoded
from wherry_risk.model.risk_assessment import risk_assessment
from wherry_risk.model.standing import corrected, stand_of
from wherry_risk.model.writing import Stand, Standing, Why, WritePolicy, why

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = WritePolicy(delta=Decimal("0.02"), refresh=timedelta(hours=4))
STANDS = Stand("0.2.0", "final", "medium", Decimal("0.200"), AT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"score": Decimal("0.219")}, None),
        ({"score": Decimal("0.181")}, None),
        ({"score": Decimal("0.220")}, Why.MOVED),
        ({"score": Decimal("0.180")}, Why.MOVED),
        ({"tier": "high"}, Why.TIER),
        ({"tier": "low"}, Why.TIER),
        ({"status": "preliminary"}, Why.COMPLETENESS),
        ({"version": "0.3.0"}, Why.MODEL),
        ({"newest": AT + timedelta(hours=3, minutes=59)}, None),
        ({"newest": AT + timedelta(hours=4)}, Why.REFRESH),
        ({"newest": AT - timedelta(seconds=1)}, Why.CORRECTED),
    ],
)
def test_it_is_written_for_a_reason_or_not_at_all(
    changes: dict[str, Any], expected: Why | None
) -> None:
    assert why(POLICY, replace(STANDS, **changes), Standing(STANDS)) is expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(), Why.FIRST),
        (Standing(STANDS, withdrawn=True), Why.WITHDRAWN),
        (Standing(None, withdrawn=True), Why.WITHDRAWN),
        (Standing(STANDS, corrected=True), Why.CORRECTED),
    ],
)
def test_what_does_not_stand_any_more_is_written_however_little_it_moved(
    standing: Standing, expected: Why
) -> None:
    assert why(POLICY, STANDS, standing) is expected


def test_an_assessment_is_read_as_it_was_written(make: Any, models: Any) -> None:
    judged = judge(models["icu-mortality-24h"], record(make.icu()), at=AT)
    assert isinstance(judged.verdict, Score)

    said = stand_of(risk_assessment(judged, judged.verdict))

    assert said == Stand(
        judged.spec.version,
        "final",
        judged.verdict.tier,
        judged.verdict.score,
        AT - timedelta(minutes=10),
    )


@pytest.mark.parametrize("spoil", ["prediction", "method", "occurrenceDateTime", "status"])
def test_an_assessment_that_is_not_as_ours_says_nothing(spoil: str, make: Any, models: Any) -> None:
    judged = judge(models["news2"], record(make.normal()), at=AT)
    assert isinstance(judged.verdict, Score)
    made = risk_assessment(judged, judged.verdict)

    assert stand_of({name: value for name, value in made.items() if name != spoil}) is None


def body(judged: Judged) -> Body:
    return decoded(encoded(body_of(judged)))


@pytest.fixture
def then_and_now(make: Any, models: Any) -> Any:
    """What was kept of resources, and the facts of others some time later."""

    def pair(
        then: Any, now: Any, *, model: str = "news2", later_min: int = 0
    ) -> tuple[Body, Facts]:
        at = AT + timedelta(minutes=later_min)
        kept = body(judge(models[model], record(then), at=AT))
        return kept, facts(models[model].spec, record(now), at=at)

    return pair


def test_more_observations_correct_nothing(then_and_now: Any, make: Any) -> None:
    then = make.normal()

    assert not corrected(*then_and_now(then, [*then, make.vital("pulse", "99", age_min=1)]))
    assert not corrected(*then_and_now(then, then))


def test_what_grew_too_old_was_not_corrected(then_and_now: Any, make: Any) -> None:
    then = make.normal()

    assert not corrected(*then_and_now(then, then, later_min=300))


@pytest.mark.parametrize(
    "change",
    [
        {"valueQuantity": {"value": 71, "system": "http://unitsofmeasure.org", "code": "/min"}},
        {"effectiveDateTime": "2026-03-01T11:49:00Z"},
        {"valueQuantity": {"value": 70, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}},
        {"meta": {"tag": [{"system": "urn:wherry:devices:quality", "code": "suspect"}]}},
    ],
)
def test_another_value_time_unit_or_a_doubt_is_a_correction(
    change: dict[str, Any], then_and_now: Any, make: Any
) -> None:
    then = make.normal()
    now = [{**one, **change} if one.get("id") == "o-8867-4-10" else one for one in then]

    assert corrected(*then_and_now(then, now))


def test_a_reading_of_a_window_that_did_not_decide_counts_as_well(
    then_and_now: Any, make: Any
) -> None:
    wild, mild = (make.measured("8867-4", value, "/min", age_min=90) for value in ("101", "102"))
    then = [*make.icu(), wild]

    assert corrected(*then_and_now(then, [*make.icu(), mild], model="icu-mortality-24h"))
    assert not corrected(*then_and_now(then, [*make.icu(), wild], model="icu-mortality-24h"))
