"""A day in the sandbox of a vendor's cloud is the same day: as it was sent, so it is fetched."""

from typing import Any

import pytest
from tests.devices.harness import TEMPLATES, StandingClock
from tests.devices.listening import listening
from tests.devices.sandboxed import Clouds
from tests.wherry.suite.demo.test_home import NOW

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry.suite.demo.comparison import readings, results
from wherry.suite.demo.day import Cloud, Day
from wherry.suite.demo.feed import Result
from wherry.suite.demo.fetched import consent
from wherry.suite.demo.home import home
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import ACCOUNT
from wherry_devices.mapping.translate import Payload, entries

DAYS = {day.source: day for day in home(NOW) if day.cloud}
WINDOW = {"startDate": "2026-02-25T00:00:00", "endDate": "2026-03-03T00:00:00"}


def told(clouds: Clouds, day: Day) -> Any:
    """All that the cloud has of this person."""
    bearer = clouds.bearer(day.source)
    if day.source == "withings":
        answer = clouds.web.post("/withings/measure", data={"action": "getmeas"}, headers=bearer)
        return {**decode(answer.data), "userid": cloud(day).account}
    answer = clouds.web.get("/dexcom/v3/users/self/egvs", query_string=WINDOW, headers=bearer)
    return decode(answer.data)


def stored(clouds: Clouds, day: Day) -> list[Resource]:
    """What becomes of it."""
    template = TEMPLATES[day.source]
    batch = read(decoded(day.source, encode(told(clouds, day))), template, site=Site("", NOW))
    assert batch.withheld == ()
    assert {one.account.value for one in batch.readings if one.account} == {cloud(day).account}
    assert {one.account.kind for one in batch.readings if one.account} == {ACCOUNT}
    subject = {"reference": "Patient/p1"}
    made, _ = entries(batch.readings, subject, template.template, Payload("0" * 64, NOW))  # type: ignore[arg-type]  # a plain dict
    return [e["resource"] for e in made if e["resource"]["resourceType"] == "Observation"]


def values(found: list[Resource], day: Day) -> list[Result]:
    return [one for each in found for one in results(day.mrn, each)]


def cloud(day: Day) -> Cloud:
    assert day.cloud is not None
    return day.cloud


def begun(day: Day, times: int = 1) -> tuple[Clouds, list[int]]:
    """A sandbox that was told the day, and the numbers of its readings."""
    clouds = Clouds(StandingClock(NOW))
    clouds.person(day.source, cloud(day).account)
    for _ in range(times):
        ids = clouds.measure(
            day.source, *map(dict, cloud(day).readings), account=cloud(day).account
        )
    return clouds, ids


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_day_comes_out_of_a_cloud_as_it_was_put_in_and_then_corrected(day: Day) -> None:
    clouds, ids = begun(day)

    first = readings(day.title, cloud(day).at_first, values(stored(clouds, day), day))
    for place, right in cloud(day).corrected.items():
        path = f"/people/{day.source}/{cloud(day).account}/readings/{ids[place]}"
        assert clouds.post(path, {"values": right, "tell": False}).status_code == 200
    last = readings(day.title, day.results, values(stored(clouds, day), day))

    assert first.even
    assert last.even
    assert last.sent == len(day.results)
    assert set(cloud(day).at_first) ^ set(day.results) == (
        {one for one in (*cloud(day).at_first, *day.results) if one.value in ("39.70", "37.80")}
    )


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_what_is_fetched_is_the_same_measurement_as_what_is_sent(day: Day) -> None:
    clouds, _ = begun(day)
    template = TEMPLATES[day.source]
    sent = {
        one.record
        for payload in day.payloads
        for one in read(decoded(day.source, encode(payload)), template, site=Site("", NOW)).readings
    }

    fetched = decoded(day.source, encode(told(clouds, day)))

    assert {one.record for one in read(fetched, template, site=Site("", NOW)).readings} == sent


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_day_that_is_put_in_twice_is_stored_once(day: Day) -> None:
    once, twice = (stored(begun(day, times)[0], day) for times in (1, 2))

    assert [one["identifier"] for one in twice] == [one["identifier"] for one in once]


def test_only_a_person_of_the_cloud_can_consent() -> None:
    with listening(Clouds().app) as base, pytest.raises(Failure) as caught:
        consent(f"{base}/withings/oauth2_user/authorize2?state=s", "nobody")

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "devices")


def test_a_cloud_that_is_not_there_is_named() -> None:
    with pytest.raises(Failure) as caught:
        consent("http://127.0.0.1:1/authorize", "nobody")

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "vendors")
