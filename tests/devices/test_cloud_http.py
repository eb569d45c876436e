"""The real Cloud against a vendor on the loopback: paging, refusals, sizes, cookies, pace."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Response
from structlog.testing import capture_logs
from tests.devices.fake_withings import at_withings
from tests.devices.fetched import connected, pulses, reading
from tests.devices.harness import House
from tests.devices.loopback import Vendor

from wherry.errors import Failure, Kind
from wherry_devices.accounts import cloud_http
from wherry_devices.accounts.cloud_http import HttpCloud
from wherry_devices.deps import Deps
from wherry_devices.fetcher import fetch_due
from wherry_devices.vendors.protocol import Answer, Request

MEASURE = Request("POST", "/measure", form={"action": "getmeas", "lastupdate": "0"})


def over_http(house: House, vendor: Vendor, **more: Any) -> Deps:
    needs = house.deps()
    registrations = {"withings": at_withings(vendor.url)}
    cloud = HttpCloud(sleep=lambda _seconds: None, **more)
    return replace(needs, clouds=replace(needs.clouds, registrations=registrations, cloud=cloud))


def test_pages_come_over_the_network(house: House, vendor: Vendor) -> None:
    connected(house)
    vendor.behind.groups = [reading(number) for number in range(5)]

    assert fetch_due(over_http(house, vendor), owner="f1", stopping=lambda: False) == 1
    house.work()

    assert pulses(house) == ["60", "61", "62", "63", "64"]
    assert [one["path"] for one in vendor.heard] == ["v2/oauth2", *["measure"] * 3]
    assert [one.get("Authorization") for one in vendor.heard] == [
        None,
        *["Bearer made-up-access-1"] * 3,
    ]


def test_no_secret_is_in_an_address_and_no_cookie_is_kept(house: House, vendor: Vendor) -> None:
    connected(house)
    vendor.behind.groups = [reading(number) for number in range(5)]
    with capture_logs() as logs:
        fetch_due(over_http(house, vendor), owner="f1", stopping=lambda: False)

    assert {one["query"] for one in vendor.heard} == {""}
    assert not any("Cookie" in one for one in vendor.heard)
    assert "made-up" not in repr(logs)


def ask(vendor: Vendor, asked: Request = MEASURE, **more: Any) -> Answer:
    return HttpCloud(**more).ask(at_withings(vendor.url), asked, token="made-up-token")


def test_a_vendor_that_is_busy_says_for_how_long(vendor: Vendor) -> None:
    vendor.instead = [Response("{}", 429, {"Retry-After": "17"})]

    answer = ask(vendor)

    assert (answer.status, answer.retry_after_s) == (429, 17)


def test_a_redirect_is_not_followed_with_a_token(vendor: Vendor) -> None:
    vendor.instead = [Response("", 302, {"Location": "https://evil.example/"})]

    with pytest.raises(Failure) as caught:
        ask(vendor)

    assert caught.value.kind is Kind.UNAVAILABLE
    assert len(vendor.heard) == 1


def test_nobody_there_is_a_vendor_that_is_away() -> None:
    with pytest.raises(Failure) as caught:
        HttpCloud().ask(at_withings("http://127.0.0.1:9"), MEASURE, token="made-up-token")

    assert caught.value.kind is Kind.UNAVAILABLE
    assert "made-up" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_answer_without_an_end_is_cut_off(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_http, "MAX_BYTES", 1000)
    vendor.instead = [Response(b"x" * 2000)]

    with pytest.raises(Failure, match="too large"):
        ask(vendor)


def test_json_queries_and_headers_are_sent_as_they_are(vendor: Vendor) -> None:
    vendor.instead = [Response("{}")]
    asked = Request("POST", "/v4/x", query={"a": "1 2"}, json={"b": 1}, headers={"X-Own": "yes"})

    assert ask(vendor, asked).status == 200

    [heard] = vendor.heard
    assert (heard["path"], heard["query"]) == ("v4/x", "a=1+2")
    assert (heard["Content-Type"], heard["X-Own"]) == ("application/json", "yes")
    assert heard["Content-Length"] == "7"


def test_requests_of_all_patients_together_keep_to_the_vendors_limit(vendor: Vendor) -> None:
    slept: list[float] = []
    cloud = HttpCloud(ticks=lambda: 100.0, sleep=slept.append)
    for _ in range(4):
        cloud.ask(at_withings(vendor.url), MEASURE)

    assert slept == [0.5, 1.0, 1.5]  # 120 a minute
