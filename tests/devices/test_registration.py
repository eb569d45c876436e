"""Vendors in the settings: whose addresses, which are safe, and when tokens may be kept."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.devices.fake_withings import at_withings

from wherry.errors import Failure
from wherry_devices.settings import Settings
from wherry_devices.wiring import wire

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
CLIENT = {"client_id": "client-1", "client_secret": "made-up-secret"}


def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **env: Any) -> Settings:
    for name, value in env.items():
        monkeypatch.setenv(name, value if isinstance(value, str) else json.dumps(value))
    return Settings(database_url=f"sqlite:///{tmp_path}/wherry.db")


def test_a_vendor_is_reached_at_its_own_addresses() -> None:
    at = at_withings()

    assert (at.api, at.tokens) == ("https://wbsapi.withings.net", "https://wbsapi.withings.net")
    assert at.consent == "https://account.withings.com/oauth2_user/authorize2"
    assert (at.interval_s, at.backfill) == (900, timedelta(days=30))
    assert at.is_real


def test_another_address_stands_for_all_of_a_vendor() -> None:
    at = at_withings("http://127.0.0.1:9000/withings", interval_s=30)

    assert (at.api, at.tokens) == ("http://127.0.0.1:9000/withings",) * 2
    assert at.consent == "http://127.0.0.1:9000/withings/oauth2_user/authorize2"
    assert at.interval_s == 30
    assert not at.is_real


def test_the_page_of_consent_may_be_elsewhere() -> None:
    at = at_withings("http://127.0.0.1:9000", auth_url="http://localhost:9001")

    assert at.consent == "http://localhost:9001/oauth2_user/authorize2"


@pytest.mark.parametrize(
    "address",
    [
        "http://vendor.example",
        "ftp://127.0.0.1",
        "https://me@vendor.example",
        "https://vendor.example?x=1",
        "https://vendor.example#x",
        "https://",
        "vendor.example",
        "http://127.0.0.1.evil.example",
    ],
)
def test_an_address_that_is_not_safe_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    vendors = {"withings": {**CLIENT, "base_url": address}}

    with pytest.raises(ValidationError) as caught:
        settings(tmp_path, monkeypatch, WHERRY_DEVICES_VENDORS=vendors)

    assert "made-up-secret" not in str(caught.value)


def test_tokens_of_a_real_vendor_are_not_kept_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings(tmp_path, monkeypatch, WHERRY_DEVICES_VENDORS={"withings": CLIENT})

    with pytest.raises(Failure, match="WHERRY_INBOX_KEY"):
        wire(found)


def test_with_a_key_a_vendor_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        tmp_path, monkeypatch, WHERRY_DEVICES_VENDORS={"withings": CLIENT}, WHERRY_INBOX_KEY=KEY
    )

    clouds = wire(found).clouds

    assert clouds.registrations["withings"].client.id == "client-1"
    assert "made-up-secret" not in repr((found, clouds))
    assert len(clouds.secret()) >= 43  # RFC 7636, 4.1


def test_a_sandbox_on_this_machine_needs_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendors = {"withings": {**CLIENT, "base_url": "http://127.0.0.1:9000"}}
    found = settings(tmp_path, monkeypatch, WHERRY_DEVICES_VENDORS=vendors)

    assert not wire(found).clouds.registrations["withings"].is_real


def test_a_vendor_that_we_do_not_know_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings(tmp_path, monkeypatch, WHERRY_DEVICES_VENDORS={"nobody": CLIENT})

    with pytest.raises(Failure, match="withings"):
        wire(found)


def test_null_names_no_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("VENDORS", "SIGNATURES", "DOORS")
    found = settings(tmp_path, monkeypatch, **{f"WHERRY_DEVICES_{name}": "null" for name in names})

    assert (found.vendors, found.signatures, found.doors) == ({}, {}, {})
