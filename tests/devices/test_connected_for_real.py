"""From consent to vital signs on the real wiring: database, sealing, HTTP; only FHIR is a fake."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs
from tests.devices.fetched import reading
from tests.devices.harness import PATIENT
from tests.devices.loopback import Vendor

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.draining import Pace
from wherry.testing.fhir import FakeFhir
from wherry_devices.app import create_app
from wherry_devices.births import Births
from wherry_devices.fetcher import fetch_due
from wherry_devices.jobs import drain
from wherry_devices.migrate import upgrade
from wherry_devices.settings import Settings
from wherry_devices.wiring import wire

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def test_a_patient_consents_is_fetched_and_leaves_and_no_secret_is_on_the_disk(
    tmp_path: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = {"client_id": "c", "client_secret": "made-up-secret", "backfill_days": 3650}
    vendors = {"withings": {**client, "base_url": vendor.url}}
    monkeypatch.setenv("WHERRY_DEVICES_VENDORS", json.dumps(vendors))
    monkeypatch.setenv("WHERRY_INBOX_KEY", KEY)
    url = f"sqlite:///{tmp_path}/wherry.db"
    upgrade_inbox(url)
    upgrade(url)
    fhir = FakeFhir(PATIENT)
    wired = wire(Settings(database_url=url, redis_url="redis://127.0.0.1:9/0"))
    needs = replace(wired, fhir=fhir, births=Births(fhir))
    web = create_app(needs).test_client()
    vendor.behind.groups = [reading(number, modified=4_000_000_000) for number in range(3)]

    with capture_logs() as logs:
        asked = web.post(
            "/v1/connections", json={"source": "withings", "patient": "p1", "verified_by": "me"}
        )
        assert asked.json is not None
        [state] = parse_qs(urlsplit(asked.json["authorize_url"]).query)["state"]
        came = web.get(
            "/v1/connections/callback", query_string={"state": state, "code": "good-code"}
        )
        fetched = fetch_due(needs, owner="f1", stopping=lambda: False)
        drain(needs, owner="w1", pace=Pace())
        held = b"".join(path.read_bytes() for path in tmp_path.glob("wherry.db*"))
        [shown] = web.get("/v1/connections").json["connections"]  # type: ignore[index]
        ended = web.delete(f"/v1/connections/{shown['id']}?by=me")

    assert (asked.status_code, came.status_code, fetched, ended.status_code) == (201, 200, 1, 200)
    pulses = [
        str(one["valueQuantity"]["value"])
        for one in fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == "8867-4"
    ]
    assert pulses == ["60", "61", "62"]
    assert vendor.behind.revoked == ["acc-4711"]
    assert [deed.what for _, _, deed in needs.audit.deeds()] == [
        "ask-consent",
        "connect",
        "read-connections",
        "end",
    ]
    assert b"device_connection" in held
    for secret in ("made-up-access-1", "made-up-refresh-1", "made-up-secret", "acc-4711", state):
        assert secret.encode() not in held
        assert secret not in repr(logs)
