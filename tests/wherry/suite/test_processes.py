"""The table of processes: ports, tokens and the order in which they start and stop."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from wherry.suite.addresses import Addresses
from wherry.suite.processes import Process, Suite, table
from wherry.suite.screen import last_events
from wherry_devices.cloud_wiring import registration
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from wherry_devices.settings import Settings
from wherry_devices.vendors.protocol import Client

SUITE = Suite(
    addresses=Addresses(500),
    database_url="sqlite:///inbox.db",
    ehr_database_url="sqlite:///ehr.db",
    redis_url="redis://127.0.0.1:7000/0",
    fhir_token="made-up-token",
)


def rows(suite: Suite = SUITE) -> dict[str, Process]:
    return {process.name: process for process in table(suite)}


def test_every_service_is_in_the_table_at_its_port() -> None:
    assert {name: row.address for name, row in rows().items() if row.address} == {
        "ehr": "http://127.0.0.1:8600",
        "hl7-feed": "mllp://127.0.0.1:3075",
        "hl7": "http://127.0.0.1:8601",
        "devices": "http://127.0.0.1:8602",
        "risk": "http://127.0.0.1:8603",
        "cds": "http://127.0.0.1:8604",
        "smart": "http://127.0.0.1:8605",
    }


def test_a_redis_of_our_own_comes_first_and_is_stopped_last() -> None:
    redis = Process("redis", ("redis-server",), phase=0)
    made = table(
        Suite(Addresses(), "sqlite://", "sqlite://", "redis://", "made-up-token", redis=redis)
    )

    assert made[0] is redis
    assert {row.name for row in made if row.phase == 0 and not row.once} == {"redis"}
    assert all("redis" in row.needs for row in made if row.name.startswith("hl7"))


def test_the_smart_host_trusts_the_sandbox_of_its_own_suite_alone() -> None:
    env = rows()["smart"].env

    assert env["WHERRY_SMART_ISSUERS"] == "http://127.0.0.1:8600/fhir"
    assert env["WHERRY_SMART_PUBLIC_URL"] == "http://127.0.0.1:8605"


def test_a_sandbox_of_clouds_is_run_for_the_devices_where_no_vendor_is_set_up() -> None:
    named = rows(replace(SUITE, vendors=True))
    told = [named[name].env for name in ("devices", "devices-worker", "devices-fetcher")]

    assert named["vendors"].address == "http://127.0.0.1:8606"
    assert "vendors" not in rows()
    assert "WHERRY_DEVICES_VENDORS" not in rows()["devices"].env
    for env in told:
        known = Settings(vendors=json.loads(env["WHERRY_DEVICES_VENDORS"])).vendors
        made = {name: registration(name, one) for name, one in known.items()}
        assert set(made) == {"withings", "dexcom"}
        assert not any(one.is_real for one in made.values())
        assert {one.client for one in made.values()} == {Client(CLIENT_ID, CLIENT_SECRET)}
        assert made["withings"].api == "http://127.0.0.1:8606/withings"


def test_what_is_needed_is_in_the_table() -> None:
    named = rows()

    assert {name for row in named.values() for name in row.needs} <= set(named)


def test_secrets_are_passed_by_environment_and_never_shown() -> None:
    made = rows()

    assert made["hl7-worker"].env["WHERRY_FHIR_TOKEN"] == "made-up-token"
    assert "made-up-token" not in repr(SUITE) + repr(made)
    assert not [row for row in made.values() if "made-up-token" in " ".join(row.argv)]


@pytest.mark.parametrize(("open_fhir", "said"), [(True, "true"), (False, "false")])
def test_the_fhir_api_is_open_only_when_asked_for(open_fhir: bool, said: str) -> None:
    suite = Suite(Addresses(), "sqlite://", "sqlite://", "redis://", "t", open_fhir=open_fhir)

    assert rows(suite)["ehr"].env["WHERRY_EHR_OPEN_FHIR"] == said


def test_of_a_log_only_event_and_error_names_are_repeated(tmp_path: Path) -> None:
    log = tmp_path / "ehr.log"
    log.write_text(
        '{"event": "store_opened", "path": "secret"}\n'
        "Traceback (most recent call last):\n"
        "ValueError: Jane Invented is secret\n"
        '{"event": "worker_crashed", "error": "secret"}\n'
        "[1, 2]\n"
    )

    assert last_events(log) == ["store_opened", "ValueError", "worker_crashed"]
    assert last_events(tmp_path / "no.log") == []
