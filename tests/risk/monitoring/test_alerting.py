"""Alerts per 100 patient-days, and how often there was no answer."""

from collections.abc import Callable

from wherry_risk.monitoring.alerting import alerting
from wherry_risk.monitoring.seen import Seen

Make = Callable[..., Seen]


def test_a_tier_that_stays_is_one_alert_and_a_refusal_between_does_not_make_two(seen: Make) -> None:
    scores = [
        seen(hours=0),
        seen(hours=1, tier="high"),
        seen(hours=2, tier="high"),
        seen(hours=3, probability=None, tier="", refusal="stale_inputs"),
        seen(hours=4, tier="medium"),
        seen(hours=5),
        seen(hours=6, tier="high"),
    ]

    assert alerting(scores, lowest="low").alerts == 2


def test_the_rate_is_of_days_of_people_whatever_order_scores_come_in(seen: Make) -> None:
    scores = [
        seen("b", hours=25),
        seen("a", hours=0, tier="high"),
        seen("b", hours=0),
        seen("b", hours=1),
        seen("c", hours=0, probability=None, tier="", refusal="missing_inputs"),
    ]

    told = alerting(scores, lowest="low")

    assert (told.patients, told.patient_days, told.alerts) == (3, 4, 1)
    assert told.per_100_patient_days == 25
    assert told.abstained == 0.2


def test_no_scores_have_no_rate() -> None:
    told = alerting([], lowest="low")

    assert (told.per_100_patient_days, told.abstained) == (None, None)
