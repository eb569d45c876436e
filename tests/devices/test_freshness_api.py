"""/v1/freshness, its metrics and its command: what is known is told, what is not is an error."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from tests.devices.claims import frame
from tests.devices.harness import House, getmeas, group, measure
from tests.devices.listening import listening

from wherry.errors import Failure, Kind
from wherry_devices.app import create_app
from wherry_devices.cli import devices
from wherry_devices.commands.freshness_cli import span
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.reading import DeviceKey

AWAY = Failure(Kind.UNAVAILABLE, "the database is not available")
DAY = timedelta(days=1)


@pytest.fixture
def web(house: House) -> FlaskClient:
    return create_app(house.deps()).test_client()


def asked(web: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = web.get(f"/v1/freshness{query}")
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


def test_a_device_is_told_with_its_kinds_its_telemetry_and_its_hub(
    house: House, web: FlaskClient
) -> None:
    key = house.bind("aa:bb", source="ble-hub")
    said = {"battery": 42, "rssi": -60, "peripheral": {"address": "aa:bb", "model": "Strap"}}
    house.keep(frame("2A37", "00 46", **said), "ble-hub")
    house.keep({"hub": "hub-1", "heartbeat_every_s": 900}, "ble-hub")
    house.work()

    [person] = asked(web, "?patient=p1")["patients"]
    [device] = person["devices"]
    [kind] = device["kinds"]

    assert (person["zone"], person["zone_origin"]) == ("UTC", "none")
    assert (device["binding"]["key"], device["model"]) == (key, "Strap")
    assert (device["state"], device["cause"], device["fetched_at"]) == ("on-track", None, None)
    assert {name: told and told["value"] for name, told in device["telemetry"].items()} == {
        "battery_percent": "42",
        "battery_level": None,
        "rssi_dbm": "-60",
        "signal": None,
        "drift_s": None,
    }
    assert device["hub"]["heartbeat_every_s"]["value"] == "900"
    assert device["hub"]["heard"]["at"] == "2026-03-02T12:00:00+00:00"
    assert kind == {
        "kind": "heart_rate",
        "measured_at": "2026-03-01T12:00:00+00:00",
        "received_at": "2026-03-02T12:00:00+00:00",
        "lag_s": 86_400,
        "age_s": 86_400,
        "expected_every_s": 86_400,
        "known_delay_s": 0,
        "state": "on-track",
        "cause": None,
        "advice": None,
        "ask": "nobody",
        "evidence": [],
    }


def test_only_bindings_that_hold_now_are_listed(house: House, web: FlaskClient) -> None:
    now = house.clock.at
    house.bind("ended", until=now - DAY)
    house.bind("to-come", since=now + DAY)
    key = house.bind("held", "p2")

    found = asked(web)

    assert [one["patient"] for one in found["patients"]] == ["p2"]
    assert asked(web, f"?key={key}")["patients"] == found["patients"]
    assert found["next"] is None


def test_a_binding_that_expects_more_is_late_sooner(house: House, web: FlaskClient) -> None:
    house.bind("cuff-1", every=timedelta(hours=6))
    house.keep(getmeas(group(1, measure(11, 70))))
    house.work()

    [kind] = asked(web)["patients"][0]["devices"][0]["kinds"]

    assert (kind["state"], kind["expected_every_s"]) == ("silent", 21_600)


def test_many_devices_come_a_page_at_a_time(house: House, web: FlaskClient) -> None:
    for number in range(201):
        house.bind(f"cuff-{number}")

    first = asked(web)
    second = asked(web, f"?after={first['next']}")

    assert len(first["patients"][0]["devices"]) == 200
    assert len(second["patients"][0]["devices"]) == 1
    assert second["next"] is None


def test_whoever_looks_is_kept_also_when_there_is_nothing(house: House, web: FlaskClient) -> None:
    house.bind("cuff-1")
    asked(web)
    asked(web, "?patient=p2")

    assert [(one.what, one.patient) for one in house.audit.rows] == [
        ("read-freshness", "p1"),
        ("read-freshness", "p2"),
    ]


def test_an_internal_failure_is_never_an_empty_list(house: House, web: FlaskClient) -> None:
    house.bind("cuff-1")
    for part in (house.seen, house.audit):
        part.failure = AWAY
        answer = web.get("/v1/freshness?patient=p1")
        part.failure = None

        assert answer.status_code == 503
        assert answer.json is not None
        assert answer.json["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("query", "at"), [("?key=x", "key"), ("?patient=a/b", "patient"), ("?name=x", "name")]
)
def test_a_wrong_question_is_told_where(web: FlaskClient, query: str, at: str) -> None:
    answer = web.get(f"/v1/freshness{query}")

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == [at]


def metrics(web: FlaskClient) -> dict[str, float]:
    lines = web.get("/metrics").get_data(as_text=True).splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs if name.startswith("wherry_devices_")}


def test_metrics_count_devices_by_state_and_cause_and_name_no_patient(
    house: House, web: FlaskClient
) -> None:
    house.bind("cuff-1")
    house.bind("cuff-2")
    house.keep(getmeas(group(1, measure(11, 70))))
    house.work()

    found = metrics(web)

    on_track = 'wherry_devices_bound{cause="none",source="withings",state="on-track"}'
    never = 'wherry_devices_bound{cause="unknown",source="withings",state="never"}'
    assert (found[on_track], found[never]) == (1, 1)
    age = 'wherry_devices_reading_age_seconds{kind="heart_rate",share="0.9",source="withings"}'
    assert found[age] == 100_740
    assert found['wherry_devices_lag_seconds_bucket{le="86400",source="withings"}'] == 0
    assert found['wherry_devices_lag_seconds_bucket{le="604800",source="withings"}'] == 1
    assert found['wherry_devices_lag_seconds_count{source="withings"}'] == 1
    assert found["wherry_devices_freshness_known"] == 1
    assert not [name for name in found if "p1" in name or "cuff" in name]


def test_metrics_say_that_they_do_not_know_and_judge_once_a_minute(
    house: House, web: FlaskClient
) -> None:
    before = metrics(web)
    house.bind("cuff-1")
    same = metrics(web)
    house.clock.at += timedelta(seconds=61)
    after = metrics(web)
    house.seen.failure = AWAY
    away = metrics(web)

    assert [any("bound{" in name for name in found) for found in (before, same, after, away)] == [
        *(False, False, True, False)
    ]
    assert away["wherry_devices_freshness_known"] == 0


@pytest.fixture
def served(house: House) -> Iterator[str]:
    with listening(create_app(house.deps())) as url:
        yield url


def test_the_command_shows_state_cause_and_days(house: House, served: str) -> None:
    house.bind("cuff-1")
    house.bind("aa:bb", "p2", source="ble-hub")
    house.keep(getmeas(group(1, measure(9, 82), measure(10, 143))))
    house.work()

    shown = CliRunner().invoke(devices, ["freshness", "--url", served])
    one = CliRunner().invoke(devices, ["freshness", "--url", served, "--patient", "p2", "--json"])

    assert shown.exit_code == 0
    assert "on track" in shown.output
    assert "never" in shown.output
    assert "p1: days with a reading since 2026-02-01: 1, in a row: 1 (UTC)" in shown.output
    assert [person["patient"] for person in json.loads(one.output)["patients"]] == ["p2"]


def test_the_command_fails_when_nobody_can_tell(house: House, served: str) -> None:
    house.seen.failure = AWAY
    house.bind("cuff-1")
    refused = CliRunner().invoke(devices, ["freshness", "--url", served])
    nobody = CliRunner().invoke(devices, ["freshness", "--url", "http://127.0.0.1:9"])

    assert (refused.exit_code, nobody.exit_code) == (1, 1)
    assert "not available" in refused.output
    assert "nothing answers" in nobody.output


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d")],
)
def test_a_span_is_shown_in_its_largest_unit(seconds: int | None, words: str) -> None:
    assert span(seconds) == words


def test_the_account_of_a_device_is_known_so_that_its_connection_counts(
    house: House, web: FlaskClient
) -> None:
    key = house.bind("cuff-1")
    house.keep(getmeas(group(1, measure(11, 70)), userid="4711"))
    house.work()
    account = DeviceKey("withings", "account", "4711").opaque

    house.standings.known[account] = Standing(True, False, house.clock.at)
    house.clock.at += DAY

    [device] = asked(web, f"?key={key}")["patients"][0]["devices"]

    assert device["cause"] == "consent"
    assert device["fetched_at"] == "2026-03-02T12:00:00+00:00"
