"""/v1/connections: consent is asked for, given once, shown without secrets, and ended."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.devices.consents import ASKED, ID, KEY, asked, back
from tests.devices.fake_withings import HERE, said
from tests.devices.harness import House, getmeas, group, measure

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.app import create_app
from wherry_devices.vendors.protocol import Answer


def test_a_patient_consents_and_the_account_is_connected(house: House) -> None:
    web = create_app(house.deps()).test_client()
    waiting = house.keep(getmeas(group(1, measure(11, 70), deviceid=None), userid="acc-4711"))
    house.work()
    assert house.ended(waiting)[0] is State.ASIDE

    answer = web.post("/v1/connections", json=ASKED)
    assert answer.json is not None
    address = urlsplit(answer.json["authorize_url"])
    query = parse_qs(address.query)
    came = back(web, query["state"][0], code="good-code")

    assert (answer.status_code, answer.json["expires_in"]) == (201, 900)
    assert f"{address.scheme}://{address.netloc}" == "https://account.withings.com"
    assert query["redirect_uri"] == [f"{HERE}/v1/connections/callback"]
    assert (came.status_code, came.mimetype) == (200, "text/html")
    assert "will now reach your care team" in came.text
    assert web.get("/v1/connections?patient=p2").json == {"connections": []}
    shown = {
        "id": ID,
        "source": "withings",
        "patient": "p1",
        "key": KEY,
        "verified_by": "nurse 7",
        "state": "active",
        "scopes": "user.info,user.metrics",
        "connected_at": "2026-03-02T12:00:00+00:00",
        "next_at": "2026-03-02T12:00:00+00:00",
        "fetched_at": None,
        "failures": 0,
        "trouble": "",
    }
    assert web.get("/v1/connections?patient=p1").json == {"connections": [shown]}
    assert [one.patient for one in house.bindings.search(key=KEY)] == ["p1"]
    assert house.message(waiting).state is State.WAITING  # released by the new binding
    assert house.connections.deeds == [("nurse 7", "connect", ID)]


def test_a_state_works_once(house: House) -> None:
    web = create_app(house.deps()).test_client()
    state = asked(web)
    back(web, state, code="good-code")
    count = len(house.withings.asked)

    again = back(web, state, code="good-code")

    assert again.status_code == 404
    assert "used before, or it is too old" in again.text
    assert len(house.withings.asked) == count


def test_a_state_is_over_after_a_quarter_of_an_hour(house: House) -> None:
    web = create_app(house.deps()).test_client()
    state = asked(web)
    house.connections.time_s += 901

    assert back(web, state, code="good-code").status_code == 404
    assert house.withings.asked == []


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "made-up"}, {"state": "x" * 5000}])
def test_a_state_that_nobody_gave_out_asks_no_vendor(house: House, query: dict[str, str]) -> None:
    web = create_app(house.deps()).test_client()

    came = web.get("/v1/connections/callback", query_string={"code": "good-code", **query})

    assert came.status_code == 404
    assert house.withings.asked == []


def test_a_patient_who_says_no_is_connected_to_nothing(house: House) -> None:
    web = create_app(house.deps()).test_client()
    state = asked(web)

    came = back(web, state, error="access_denied")

    assert came.status_code == 200
    assert "You did not agree" in came.text
    assert house.connections.search() == []
    assert back(web, state, code="good-code").status_code == 404


def test_an_account_of_another_patient_stays_theirs(house: House) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")

    came = back(web, asked(web, patient="p2"), code="good-code")

    assert came.status_code == 409
    assert "already connected for another person" in came.text
    assert [one.patient for one in house.connections.search()] == ["p1"]
    assert [one.patient for one in house.bindings.search(key=KEY)] == ["p1"]
    assert house.withings.revoked == []  # it would end the consent that holds


def test_a_consent_for_an_account_that_is_bound_by_hand_is_let_go_again(house: House) -> None:
    house.bind("acc-4711", "p2", kind="account")
    web = create_app(house.deps()).test_client()

    came = back(web, asked(web), code="good-code")

    assert came.status_code == 409
    assert house.connections.search() == []
    assert house.withings.revoked == ["acc-4711"]


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (said(401), 400),
        (said(342), 503),
        (Answer(500, b""), 503),
        (said(0), 503),
        (Failure(Kind.UNAVAILABLE, "the vendor did not answer"), 503),
    ],
)
def test_an_exchange_that_fails_leaves_nothing_behind(
    house: House, trouble: Answer | Failure, status: int
) -> None:
    web = create_app(house.deps()).test_client()
    state = asked(web)
    house.withings.troubles = [trouble]

    came = back(web, state, code="good-code")

    assert came.status_code == status
    assert "Nothing was connected" in came.text
    assert house.connections.search() == []
    assert house.bindings.search() == []


@pytest.mark.parametrize(
    ("trouble", "subscribed"), [(None, ["1", "2", "4", "46"]), (said(293), [])]
)
def test_notices_are_asked_for_and_a_connection_holds_without_them(
    house: House, trouble: Answer | None, subscribed: list[str]
) -> None:
    house.notify_url = "https://here.example/v1/sources/withings/made-up-secret-of-the-door"
    web = create_app(house.deps()).test_client()
    state = asked(web)
    house.withings.troubles = [None, trouble]

    assert back(web, state, code="good-code").status_code == 200

    assert house.withings.subscribed == subscribed
    assert house.connections.search()[0].access.value == "active"


def test_the_page_repeats_nothing_and_may_not_be_kept(house: House) -> None:
    web = create_app(house.deps()).test_client()

    came = back(web, "<script>alert(1)</script>", code="made-up-code")

    assert "script" not in came.text
    assert "made-up-code" not in came.text
    assert came.headers["Cache-Control"] == "no-store"
    assert came.headers["Referrer-Policy"] == "no-referrer"
    assert came.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("changed", "status", "at"),
    [
        ({"patient": "stranger"}, 404, "patient"),
        ({"patient": "../Patient"}, 400, "patient"),
        ({"source": "dexcom-of-nobody"}, 404, "source"),
        ({"source": "https://evil.example"}, 404, "source"),
        ({"verified_by": ""}, 400, "verified_by"),
        ({"base_url": "https://evil.example"}, 400, "base_url"),
    ],
)
def test_a_wrong_request_is_told_where(
    house: House, changed: dict[str, Any], status: int, at: str
) -> None:
    web = create_app(house.deps()).test_client()

    answer = web.post("/v1/connections", json={**ASKED, **changed})

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == [at]
    assert house.connections.asked == {}
