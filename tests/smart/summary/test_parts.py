"""Alerts, baselines and events: what is derived from the record, on made-up values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wherry_smart.summary.alerts import alerts
from wherry_smart.summary.baselines import baselines
from wherry_smart.summary.events import events
from wherry_smart.summary.series import held
from wherry_smart.summary.sources import Sources

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _row(id_: str, hour: int, tier: str, model: str = "news2") -> dict[str, Any]:
    at = f"2026-03-01T{hour:02}:00:00Z"
    shown = {"model": model, "tier": tier, "score": None, "probability": None}
    return {"id": f"RiskAssessment/{id_}", "at": at, **shown}


@pytest.mark.parametrize(
    ("tiers", "raised"),
    [
        (["low", "medium", "high"], ["c", "b"]),
        (["high", "high", "high"], ["a"]),
        (["high", "low", "high"], ["c", "a"]),
        (["medium", "low", "low-medium"], ["a"]),
        (["low", "low", "low"], []),
        (["unheard-of", "High", "high"], ["b"]),
    ],
)
def test_an_alert_is_a_rise_to_medium_or_high(tiers: list[str], raised: list[str]) -> None:
    rows = [_row(id_, hour, tier) for id_, hour, tier in zip("abc", (8, 9, 10), tiers, strict=True)]

    assert [each["id"] for each in alerts(rows, [], now=NOW)] == raised


def test_models_rise_each_for_itself() -> None:
    rows = [_row("a", 8, "high"), _row("b", 9, "high", "icu")]

    assert [each["id"] for each in alerts(rows, [], now=NOW)] == ["b", "a"]


def test_a_further_rise_is_an_alert_though_the_one_before_was_snoozed() -> None:
    slept = {"what": "snoozed", "about": "a", "until": (NOW + timedelta(hours=1)).isoformat()}
    rows = [_row("a", 8, "medium"), _row("b", 9, "high")]

    found = {each["id"]: each["state"] for each in alerts(rows, [slept], now=NOW)}

    assert found == {"a": "snoozed", "b": "open"}


def _series(values: list[str], *, hours_ago: int = 48) -> dict[str, Any]:
    points = [
        {
            "at": (NOW - timedelta(hours=hours_ago, minutes=-n)).isoformat(),
            "value": value,
            "comparator": "",
        }
        for n, value in enumerate(values)
    ]
    return {"name": "pulse", "unit": "/min", "points": points}


def test_a_baseline_keeps_the_digits_of_values_that_were_recorded() -> None:
    (found,) = baselines(
        [_series(["70", "71.50", "72", "73", "74", "75", "76", "77", "78", "140"])], now=NOW
    )

    assert (found["low"], found["median"], found["high"], found["count"]) == ("70", "74", "78", 10)


@pytest.mark.parametrize(
    "row",
    [
        _series(["70"] * 7),
        _series(["70"] * 20, hours_ago=10),
        _series(["high"] * 10),
        _series(["NaN"] * 10),
    ],
    ids=["few", "new", "words", "not numbers"],
)
def test_too_little_gives_no_baseline(row: dict[str, Any]) -> None:
    assert baselines([row], now=NOW) == []


def test_events_are_in_the_order_of_their_time() -> None:
    stay = {
        "resourceType": "Encounter",
        "type": [{"text": "Inpatient stay"}],
        "period": {"start": "2026-03-01T07:00:00Z", "end": "2026-03-01T11:00:00+00:00"},
    }
    rose = {"at": "2026-03-01T09:00:00Z", "model": "news2", "tier": "high"}
    noted = {"at": "2026-03-01T10:00:00+00:00", "what": "noted"}
    opened = {"at": "2026-03-01T10:30:00+00:00", "what": "opened"}

    found = events([stay, {"period": {"start": "2026-02"}}], [rose], [noted, opened])

    assert [(each["kind"], each["text"]) for each in found] == [
        ("admitted", "Inpatient stay began"),
        ("rose", "news2 rose to high"),
        ("done", "noted"),
        ("discharged", "Inpatient stay ended"),
    ]


def _told(provenances: list[dict[str, Any]], **more: Any) -> Any:
    sources = Sources(provenances, {})
    sources.number({"id": "o-1", "meta": {"source": "urn:wherry:devices:ble-hub#1"}, **more})
    return sources.listed()[0]


def test_a_device_that_cannot_be_read_is_not_told_by_its_address() -> None:
    assert _told([], device={"reference": "Device/01a2"})["device"] == ""
    assert _told([], device={"reference": "Device/01a2", "display": "Cuff"})["device"] == "Cuff"


def test_of_a_payloads_digest_there_is_enough_to_find_it_by() -> None:
    what = {"display": "Bluetooth hub", "identifier": {"value": "sha256:" + "ab" * 32}}
    told = _told([{"target": [{"reference": "Observation/o-1"}], "entity": [{"what": what}]}])

    assert told["message"] == "Bluetooth hub sha256:abababababab…"


def test_what_is_usual_for_a_person_is_no_value_of_a_series() -> None:
    quantity = {"valueQuantity": {"value": 70, "code": "kg"}}
    weighed = {"status": "final", "code": {"coding": [{"code": "29463-7"}]}, **quantity}
    own = {"system": "urn:wherry:devices:baseline", "code": "29463-7"}
    usual = {**weighed, "code": {"coding": [own]}, "component": [quantity]}

    assert [each.observation for each in held([usual, weighed])] == [weighed]
