"""Omron's cloud: days, lists that are cut short, and what came late, against the sandbox."""

from datetime import timedelta

import pytest
from tests.devices.asked import played
from tests.devices.asked import said as answer
from tests.devices.harness import NOW
from tests.devices.pulled import Account, said
from tests.devices.sandboxed import BACK, Clouds, bp

from wherry.codec import encode
from wherry.errors import Failure
from wherry_devices.connectors import decoded
from wherry_devices.vendors import VENDORS, oauth
from wherry_devices.vendors.protocol import Answer, Client, Notice, Trouble, trouble

VENDOR = VENDORS["omron"]
CLIENT = Client("sandbox-client", "sandbox-secret-made-up")


def account(clouds: Clouds, days: float = 30) -> Account:
    clouds.person("omron")
    return Account(clouds, "omron", VENDOR.start(NOW - timedelta(days=days)))


def on(day: str, systolic: int) -> dict[str, object]:
    made = bp(f"2026-{day}T07:30:00-05:00", systolic, 70)
    del made["values"]["pulse"]
    return made


def systolic(found: list[str]) -> list[str]:
    return [number for number in found if number != "70"]


def test_a_list_that_is_cut_short_is_gone_on_with_to_its_end() -> None:
    clouds = Clouds(page_size=2)
    person = account(clouds)
    days = [f"02-{day}" for day in range(10, 17)]
    clouds.measure("omron", *(on(day, 110 + number) for number, day in enumerate(days)))

    found = person.fetch()

    assert systolic(said(found)) == [str(110 + number) for number in range(7)]
    assert [each.form["since"] for each in person.asked][:3] == [
        "2026-01-31",
        "2026-02-11",
        "2026-02-12",
    ]


def test_what_is_known_is_not_kept_again_and_what_came_late_is_fetched() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure("omron", on("03-01", 120))
    first, again = person.fetch(), person.fetch()
    clouds.measure("omron", on("02-05", 155))

    late = person.fetch()

    assert (systolic(said(first)), again) == (["120"], [])
    assert systolic(said(late)) == ["155", "120"]


def test_a_changed_measurement_is_fetched_again() -> None:
    clouds = Clouds()
    person = account(clouds)
    [id_] = clouds.measure("omron", on("03-01", 120))
    person.fetch()
    clouds.post(
        f"/people/omron/made-up-1/readings/{id_}",
        {"values": {"systolic": 125, "diastolic": 70}, "tell": False},
    )

    assert systolic(said(person.fetch())) == ["125"]


def test_after_months_only_the_last_thirty_days_are_asked_for() -> None:
    clouds = Clouds()
    person = account(clouds, days=200)
    clouds.measure("omron", on("01-02", 120), on("03-01", 121))

    assert systolic(said(person.fetch())) == ["120", "121"]
    assert systolic(said(person.fetch())) == ["121"]
    assert person.asked[0].form["since"] == "2026-01-31"


def test_a_day_with_more_measurements_than_the_vendor_tells_does_not_go_round_in_circles() -> None:
    clouds = Clouds(page_size=2)
    person = account(clouds, days=1)
    clouds.measure("omron", *(on("03-01", 110 + number) for number in range(4)))

    with pytest.raises(Failure) as caught:
        person.fetch()

    assert trouble(caught.value) is Trouble.MALFORMED
    assert person.cursors == []


def test_an_empty_account_brings_an_empty_page() -> None:
    person = account(Clouds())

    assert person.fetch() == []
    assert person.cursors == ["2026-01-31/e3b0c44298fc1c14"]


def test_the_id_token_says_whose_the_tokens_are() -> None:
    clouds = Clouds()
    clouds.person("omron")
    code = clouds.code("omron")
    asking = oauth.exchange(VENDOR, CLIENT, code=code, redirect_uri=BACK, verifier="")
    request = next(asking)
    told = clouds.web.post(f"/omron{request.path}", data=dict(request.form))

    with pytest.raises(StopIteration) as ended:
        asking.send(Answer(told.status_code, told.data))

    assert ended.value.value.account == "made-up-1"


@pytest.mark.parametrize("id_token", ["", "x", "a.b.c", "a.e30.c", 7, None])
def test_without_a_readable_id_token_nobody_is_named(id_token: object) -> None:
    body = {"access_token": "a", "refresh_token": "r", "expires_in": 60, "id_token": id_token}

    grant = oauth.granted(VENDOR, answer(body))

    assert (grant.access_token, grant.account) == ("a", "")


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"id": "u-1", "timestamp": "2026-03-01T08:00:00Z"}, (Notice("u-1"),)),
        ({"id": 77, "timestamp": "2026-03-01T08:00:00Z"}, (Notice("77"),)),
        ({"timestamp": "2026-03-01T08:00:00Z"}, ()),
        ([], ()),
    ],
)
def test_a_notice_names_an_account(payload: object, found: tuple[Notice, ...]) -> None:
    assert tuple(VENDOR.noticed(decoded("omron", encode(payload)))) == found


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (answer({}, 401), Trouble.REFUSED),
        (answer({"status": 1, "reason": "no"}), Trouble.MALFORMED),
        (answer({"status": 0, "result": {}}), Trouble.MALFORMED),
        (
            answer({"status": 0, "result": {"truncated": True, "bloodPressure": [{}]}}),
            Trouble.MALFORMED,
        ),
    ],
)
def test_trouble_is_told_by_its_kind(first: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(VENDOR.pages("u", "2026-03-01/", NOW), [first])

    assert trouble(caught.value) is expected
