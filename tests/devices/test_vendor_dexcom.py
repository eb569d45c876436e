"""Dexcom's cloud: ranges, windows and what came late, against the sandbox."""

from datetime import datetime, timedelta

import pytest
from tests.devices.asked import played
from tests.devices.asked import said as answer
from tests.devices.harness import NOW
from tests.devices.pulled import Account, said
from tests.devices.sandboxed import Clouds, one

from wherry.errors import Failure
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.protocol import Answer, Trouble, trouble

VENDOR = VENDORS["dexcom"]


@pytest.fixture
def clouds() -> Clouds:
    made = Clouds()
    made.person("dexcom")
    return made


def account(clouds: Clouds, days: float = 30) -> Account:
    return Account(clouds, "dexcom", VENDOR.start(NOW - timedelta(days=days)))


def glucose(clouds: Clouds, at: datetime, value: int) -> None:
    clouds.measure("dexcom", one("glucose", at.isoformat(), value))


def test_a_month_is_fetched_in_windows_that_leave_nothing_out(clouds: Clouds) -> None:
    for number in range(5):
        glucose(clouds, NOW - timedelta(days=7 * number, minutes=5), 100 + number)
    person = account(clouds)

    found = person.fetch()

    assert said(found) == ["104", "103", "102", "101", "100"]
    windows = [each.query for each in person.asked if each.path.endswith("egvs")]
    ends = [(each["startDate"], each["endDate"]) for each in windows]
    assert [start for start, _ in ends[1:]] == [end for _, end in ends[:-1]]
    spans = [datetime.fromisoformat(end) - datetime.fromisoformat(start) for start, end in ends]
    assert max(spans) <= timedelta(days=30)


def test_nothing_is_fetched_from_before_the_begin(clouds: Clouds) -> None:
    glucose(clouds, NOW - timedelta(days=40), 99)
    glucose(clouds, NOW - timedelta(days=1), 101)
    person = account(clouds, days=2)

    assert said(person.fetch()) == ["101"]
    assert len(person.asked) == 3


def test_the_begin_may_lie_after_all_that_is_there(clouds: Clouds) -> None:
    glucose(clouds, NOW - timedelta(days=40), 99)
    clouds.clock.at = NOW + timedelta(minutes=15)
    person = account(clouds, days=2)

    assert person.fetch() == []
    glucose(clouds, NOW - timedelta(minutes=2), 101)
    clouds.clock.at = NOW + timedelta(minutes=20)
    assert said(person.fetch()) == ["101"]


def test_a_quiet_account_costs_one_request(clouds: Clouds) -> None:
    person = account(clouds)

    for _ in range(2):
        assert person.fetch() == []
        assert len(person.asked) == 1


def test_what_was_measured_before_and_uploaded_after_a_run_still_comes(clouds: Clouds) -> None:
    glucose(clouds, NOW - timedelta(minutes=10), 100)
    person = account(clouds)
    clouds.clock.at = NOW + timedelta(minutes=30)
    person.fetch()
    clouds.clock.at = NOW + timedelta(hours=1)
    glucose(clouds, NOW - timedelta(days=20), 55)

    assert said(person.fetch()) == ["55"]
    assert person.asked[0].query == {"lastSyncTime": "2026-03-02T12:20:00Z"}


def test_what_comes_while_a_run_is_on_its_way_is_in_the_next(clouds: Clouds) -> None:
    glucose(clouds, NOW - timedelta(days=3), 100)
    glucose(clouds, NOW - timedelta(days=1), 101)
    person = account(clouds)
    person.fetch(stop_after=1)
    clouds.clock.at = NOW + timedelta(minutes=1)
    glucose(clouds, NOW - timedelta(days=3, minutes=5), 77)

    rest, later = person.fetch(), person.fetch()

    assert said(rest) == ["101"]
    assert "77" in said(later)


def test_a_run_that_was_cut_off_goes_on_where_it_stood(clouds: Clouds) -> None:
    for number in range(4):
        glucose(clouds, NOW - timedelta(days=number, minutes=5), 100 + number)
    person = account(clouds)

    first = person.fetch(stop_after=2)
    rest = person.fetch()

    assert said(first) + said(rest) == ["103", "102", "101", "100"]
    assert [each.path.rpartition("/")[2] for each in person.asked] == ["egvs", "egvs"]


def test_the_account_is_asked_for(clouds: Clouds) -> None:
    person = account(clouds)
    person.token = clouds.tokens("dexcom")["access_token"]
    assert VENDOR.whose is not None

    _, _, whose = played(VENDOR.whose(), [person.ask(next(VENDOR.whose()))])

    assert whose == "made-up-1"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (answer({}, 401), Trouble.REFUSED),
        (answer({}, 429), Trouble.BUSY),
        (answer({}, 503), Trouble.AWAY),
        (Answer(200, b"{"), Trouble.MALFORMED),
        (answer([]), Trouble.MALFORMED),
        (answer({"egvs": {"start": {}}}), Trouble.MALFORMED),
        (answer({"egvs": {"start": {"systemTime": "soon"}, "end": {}}}), Trouble.MALFORMED),
    ],
)
def test_trouble_is_told_by_its_kind(first: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(VENDOR.pages("u", "/2026-03-01T00:00:00Z", NOW), [first])

    assert trouble(caught.value) is expected
