"""Google Health: types, windows, pages and what a device told late, against the sandbox."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.devices.asked import played
from tests.devices.asked import said as answer
from tests.devices.harness import NOW
from tests.devices.pulled import Account, said
from tests.devices.sandboxed import Clouds, one

from wherry.codec import encode
from wherry.errors import Failure
from wherry_devices.connectors import decoded
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.google_types import TYPES
from wherry_devices.vendors.protocol import Answer, Notice, Trouble, trouble

VENDOR = VENDORS["google-health"]


def account(clouds: Clouds, days: float = 2) -> Account:
    clouds.person("google-health")
    return Account(clouds, "google-health", VENDOR.start(NOW - timedelta(days=days)))


def beats(at: datetime, value: int) -> dict[str, Any]:
    return one("heart_rate", at.isoformat(), value)


def test_points_of_all_types_come_in_pages_and_windows() -> None:
    clouds = Clouds(page_size=2)
    person = account(clouds)
    clouds.measure(
        "google-health",
        *(beats(NOW - timedelta(hours=9 * number, minutes=1), 60 + number) for number in range(5)),
        one("weight", (NOW - timedelta(hours=5)).isoformat(), 80.5),
    )

    found = person.fetch()

    assert said([each for each in found if each.kind == "heart_rate"]) == [
        "64", "63", "62", "61", "60",
    ]  # fmt: skip
    assert [str(each.value) for each in found if each.kind == "weight"] == ["80500.0"]
    assert {each.path.split("/")[5] for each in person.asked} == {each.id for each in TYPES}
    assert "pageToken" in " ".join(" ".join(each.query) for each in person.asked)


def test_a_second_run_brings_only_the_hour_before_the_newest() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure(
        "google-health",
        beats(NOW - timedelta(hours=3), 60),
        beats(NOW - timedelta(minutes=30), 61),
        beats(NOW - timedelta(minutes=1), 62),
    )
    person.fetch()
    clouds.clock.at = NOW + timedelta(minutes=10)
    clouds.measure("google-health", beats(NOW + timedelta(minutes=5), 63))

    assert said(person.fetch()) == ["61", "62", "63"]


def test_a_watch_that_was_away_for_two_days_is_fetched_when_it_tells() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure("google-health", beats(NOW - timedelta(minutes=1), 60))
    person.fetch()
    for hours in (6, 12, 24, 40):
        clouds.clock.at = NOW + timedelta(hours=hours)
        person.fetch()
    burst = [beats(NOW + timedelta(hours=hours), 70 + hours) for hours in (1, 20, 39)]
    clouds.measure("google-health", *burst)
    clouds.clock.at = NOW + timedelta(hours=41)

    assert said(person.fetch()) == ["60", "71", "90", "109"]


def test_a_second_watch_that_told_later_than_the_first_is_fetched_the_day_after() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure("google-health", beats(NOW - timedelta(minutes=1), 60))
    person.fetch()
    clouds.measure("google-health", beats(NOW - timedelta(hours=9), 99))

    assert "99" not in said(person.fetch())
    clouds.clock.at = NOW + timedelta(hours=13)
    assert "99" in said(person.fetch())


def test_the_day_of_going_back_is_remembered() -> None:
    clouds = Clouds()
    person = account(clouds)
    person.fetch()
    clouds.clock.at = NOW + timedelta(days=1)
    person.fetch()
    many = len(person.asked)
    person.fetch()

    assert len(person.asked) < many
    assert person.cursor.startswith("2026-03-03|")


def test_a_run_that_was_cut_off_anywhere_loses_nothing() -> None:
    wanted = [str(60 + number) for number in reversed(range(9))]
    for cut in range(1, 12):
        clouds = Clouds(page_size=2)
        person = account(clouds)
        readings = [beats(NOW - timedelta(hours=5 * n, minutes=1), 60 + n) for n in range(9)]
        clouds.measure("google-health", *readings)

        found = [*person.fetch(stop_after=cut), *person.fetch()]

        assert said(found) == wanted, cut


def test_pages_that_overlap_bring_nothing_twice_and_leave_nothing_out() -> None:
    clouds = Clouds(page_size=2)
    person = account(clouds, days=0.5)
    readings = [beats(NOW - timedelta(minutes=number + 1), 60 + number) for number in range(5)]
    clouds.measure("google-health", *readings)
    clouds.fault("google-health", "duplicate", times=2)

    assert said(person.fetch()) == ["64", "63", "62", "61", "60"]


def test_whole_numbers_that_are_texts_and_the_account_are_read() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure("google-health", beats(NOW - timedelta(minutes=1), 64))
    person.token = clouds.tokens("google-health")["access_token"]
    assert VENDOR.whose is not None

    _, _, whose = played(VENDOR.whose(), [person.ask(next(VENDOR.whose()))])
    [reading] = person.fetch()

    assert (str(reading.value), whose) == ("64", "made-up-1")
    assert reading.account is not None
    assert reading.account.value == "made-up-1"


def test_a_point_without_a_time_moves_no_cursor() -> None:
    answers = [answer({"dataPoints": [{"heartRate": {"sampleTime": "soon"}}, 7]})]
    answers += [answer({})] * 20

    _, pages, _ = played(VENDOR.pages("u", VENDOR.start(NOW - timedelta(hours=2)), NOW), answers)

    assert pages[-1].cursor.split("|")[1].split(",")[0] == str(
        int((NOW - timedelta(hours=1)).timestamp())
    )


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ([{"data": {"healthUserId": "u-1", "dataType": "weight"}}] * 2, [Notice("u-1")]),
        (
            [{"data": {"healthUserId": "u-1"}}, {"data": {"healthUserId": "u-2"}}],
            [Notice("u-1"), Notice("u-2")],
        ),
        ({"dataPoints": []}, []),
    ],
)
def test_a_webhook_names_accounts(payload: object, found: list[Notice]) -> None:
    assert list(VENDOR.noticed(decoded("google-health", encode(payload)))) == found


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (answer({}, 401), Trouble.REFUSED),
        (answer({}, 429), Trouble.BUSY),
        (answer({"error": {}}, 400), Trouble.MALFORMED),
        (answer([]), Trouble.MALFORMED),
        (answer({"dataPoints": {}}), Trouble.MALFORMED),
    ],
)
def test_trouble_is_told_by_its_kind(first: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(VENDOR.pages("u", VENDOR.start(NOW - timedelta(days=1)), NOW), [first])

    assert trouble(caught.value) is expected
