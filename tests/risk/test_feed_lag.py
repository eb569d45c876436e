"""A feed that lies behind as a whole is told from single values that are old."""

from datetime import timedelta
from typing import Any

import pytest

from wherry.resource import Resource
from wherry_risk.model.facts import facts
from wherry_risk.model.feed import feed_of
from wherry_risk.model.record import record
from wherry_risk.onnx.load import PACKAGES, load
from wherry_risk.training.recipes.icu import ICU

MODEL = load(PACKAGES / ICU.id / ICU.version)
LIMIT_MIN = MODEL.manifest.monitoring.lag_refuse_min
WARN_MIN = MODEL.manifest.monitoring.lag_warn_min


def stamp(make: Any, minutes: float) -> str:
    """So many minutes before the moment of judgement."""
    moment: str = (make.at - timedelta(minutes=minutes)).isoformat()
    return moment


def aged(make: Any, minutes: float, **more: Any) -> list[Resource]:
    """An adult in intensive care, all of whose values are from so many minutes ago."""
    return [
        one
        if one["resourceType"] == "Patient"
        else {**one, "effectiveDateTime": stamp(make, minutes), **more}
        for one in make.icu()
    ]


def encounter(make: Any, *, ended_min: float | None) -> Resource:
    period = {"start": stamp(make, 5000)}
    if ended_min is not None:
        period["end"] = stamp(make, ended_min)
    return {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "in-progress" if ended_min is None else "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{make.patient_id}"},
        "period": period,
    }


def test_a_feed_at_its_limit_is_answered_and_a_minute_later_refused(world: Any, make: Any) -> None:
    at_limit, after = (
        world.score(*aged(make, minutes), model=ICU.id) for minutes in (LIMIT_MIN, LIMIT_MIN + 1)
    )

    assert at_limit["status"] == "scored"
    assert after["refusal"]["code"] == "feed_lag"
    assert after["refusal"]["text"] == (
        "No value of any input has come in for 4 h 1 min; the model bears 4 h."
    )
    assert after["refusal"]["lag"] == {
        "newest_at": stamp(make, LIMIT_MIN + 1),
        "received_at": None,
        "age_s": (LIMIT_MIN + 1) * 60,
        "delay_s": None,
        "limit_s": LIMIT_MIN * 60,
    }


def test_news2_stands_beside_a_refusal_for_a_lagging_feed(world: Any, make: Any) -> None:
    told = world.score(*aged(make, LIMIT_MIN + 1), model=ICU.id)

    assert told["beside"]["model"] == "news2"
    assert told["beside"]["refusal"]["code"] == "stale_inputs"


def test_one_current_value_makes_it_stale_inputs_and_no_lag(world: Any, make: Any) -> None:
    told = world.score(
        *aged(make, LIMIT_MIN + 1), make.measured("2951-2", "139", "mmol/L"), model=ICU.id
    )

    assert told["refusal"]["code"] == "stale_inputs"
    assert "lag" not in told["refusal"]


@pytest.mark.parametrize(
    "stamps",
    [
        {"meta": {"lastUpdated": "{}"}},
        {"issued": "{}"},
        {"meta": {"lastUpdated": "{}"}, "issued": "2026-02-28T00:00:00Z"},
    ],
)
def test_values_that_arrive_late_are_told_from_silence(
    world: Any, make: Any, stamps: dict[str, Any]
) -> None:
    just_now = stamp(make, 2)
    told = {
        name: {"lastUpdated": just_now}
        if name == "meta"
        else (just_now if value == "{}" else value)
        for name, value in stamps.items()
    }

    answer = world.score(*aged(make, LIMIT_MIN + 20, **told), model=ICU.id)

    assert answer["refusal"]["text"] == (
        "Values arrive 4 h 18 min after they were measured; the newest is from 4 h 20 min ago, "
        "and the model bears 4 h."
    )
    assert answer["refusal"]["lag"]["delay_s"] == (4 * 60 + 18) * 60
    assert answer["refusal"]["lag"]["received_at"] == just_now


def test_what_was_received_only_after_the_moment_tells_no_delay(world: Any, make: Any) -> None:
    told = world.score(
        *aged(make, LIMIT_MIN + 20, meta={"lastUpdated": stamp(make, -600)}), model=ICU.id
    )

    assert told["refusal"]["lag"]["delay_s"] is None


def test_a_score_from_a_feed_that_begins_to_lag_says_so(world: Any, make: Any) -> None:
    current, lagging = (
        world.score(*aged(make, minutes), model=ICU.id) for minutes in (WARN_MIN, WARN_MIN + 1)
    )

    assert "lag" not in current
    assert (lagging["status"], lagging["lag"]["limit_s"]) == ("scored", WARN_MIN * 60)


def test_silence_after_the_stay_has_ended_is_no_lag(world: Any, make: Any) -> None:
    open_, over = (
        world.score(*aged(make, LIMIT_MIN + 90), encounter(make, ended_min=ended), model=ICU.id)
        for ended in (None, 60)
    )

    assert open_["refusal"]["code"] == "feed_lag"
    assert over["refusal"]["code"] == "stale_inputs"


def test_values_from_the_future_and_withdrawn_ones_do_not_make_a_feed_current(make: Any) -> None:
    resources = [
        *aged(make, 500),
        make.measured("8867-4", "90", "/min", age_min=-30),
        {**make.measured("8867-4", "90", "/min", age_min=5), "status": "entered-in-error"},
    ]

    feed = feed_of(MODEL.spec, record(resources), at=make.at)

    assert feed is not None
    assert feed.age(make.at) == timedelta(minutes=500)


def test_without_any_value_there_is_no_feed_and_the_inputs_are_missing(
    world: Any, make: Any
) -> None:
    known = facts(MODEL.spec, record([make.patient()]), at=make.at)

    assert known.feed is None
    assert world.score(make.patient(), model=ICU.id)["refusal"]["code"] == "missing_inputs"
