"""One connection is fetched: pages, cursor and tokens in an order that loses nothing."""

from datetime import timedelta

import pytest
from tests.devices.fetched import AWAY, connected, lent, pulses, reading, work
from tests.devices.harness import NOW, House

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.accounts.connections import Access
from wherry_devices.accounts.fetching import Span, fetch
from wherry_devices.vendors.protocol import Request


def place(house: House, id_: str) -> str:
    """The cursor without the digest of what came last."""
    return house.connections.rows[id_].cursor.partition("~")[0]


def test_what_a_vendor_has_becomes_vital_signs_of_the_one_who_consented(house: House) -> None:
    made = connected(house)
    house.withings.groups = [reading(number) for number in range(5)]

    assert work(house) == 1
    house.work()

    assert pulses(house) == ["60", "61", "62", "63", "64"]
    assert {one["subject"]["reference"] for one in house.fhir.all("Observation")} == {"Patient/p1"}
    assert {house.message(id_).channel for id_ in (1, 2, 3)} == {"pulled"}
    assert "devices" in house.queue.tickets
    [seen] = house.connections.search()
    assert (seen.access, seen.failures, seen.trouble) == (Access.ACTIVE, 0, "")
    assert seen.fetched_at is not None
    assert place(house, made.id) == "9400"
    assert house.connections.ended == {("withings", "ok"): 1}


def test_what_came_before_comes_again_and_changes_nothing(house: House) -> None:
    connected(house)
    house.withings.groups = [reading(1, modified=9900)]  # within the overlap of two fetches
    for _ in range(2):
        work(house)
        house.connections.time_s += 901
        house.work()
    house.withings.groups.append(reading(2, modified=9950))
    work(house)
    house.work()

    assert pulses(house) == ["61", "62"]
    with pytest.raises(Failure):  # of three fetches two brought something new
        house.message(3)
    assert {len(kept) for (type_, _), kept in house.fhir.versions.items()} == {1}


def test_an_upload_that_is_late_is_seen_by_its_time_of_change(house: House) -> None:
    connected(house)
    work(house)
    house.connections.time_s += 901
    house.withings.time_s = 20_000
    house.withings.groups = [reading(1, modified=15_000)]  # measured long ago

    work(house)
    house.work()

    assert pulses(house) == ["61"]


def test_an_empty_answer_fills_no_inbox(house: House) -> None:
    connected(house)

    work(house)

    with pytest.raises(Failure):
        house.message(1)


def test_the_cursor_stays_where_it_was_when_the_inbox_fails(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.groups = [reading(1)]
    house.inbox.away = True

    with pytest.raises(Failure) as caught:
        work(house)

    assert caught.value.kind is Kind.UNAVAILABLE
    assert house.connections.rows[made.id].cursor == "0"
    assert house.connections.ended == {}  # the vendor is not blamed
    house.inbox.away = False
    house.connections.time_s += 61  # the lease of the fetcher that failed
    work(house)
    assert house.message(1).state is State.WAITING


def test_a_fetch_that_breaks_off_goes_on_behind_the_last_page_that_was_kept(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.groups = [reading(number) for number in range(6)]
    house.withings.troubles = [None, AWAY]

    work(house)
    assert place(house, made.id) == "0/2/10000"
    house.connections.time_s += 301
    work(house)
    house.work()

    assert [one.form.get("offset") for one in house.withings.asked] == [None, "2", "2", "4"]
    assert pulses(house) == ["60", "61", "62", "63", "64", "65"]


def test_a_long_backlog_makes_way_for_others_and_goes_on_at_once(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.groups = [reading(number) for number in range(6)]

    ended = fetch(lent(house), house.deps(), span=Span(budget_s=0))

    assert ended is not None
    assert (ended.trouble, ended.again_s) == (None, 0)
    assert place(house, made.id) == "0/2/10000"
    assert work(house) == 1
    assert place(house, made.id) == "9400"


def test_stopping_ends_a_fetch_behind_a_page(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.groups = [reading(number) for number in range(6)]

    fetch(lent(house), house.deps(), stopping=lambda: True)

    assert house.message(1).state is State.WAITING
    assert place(house, made.id) == "0/2/10000"
    assert house.connections.rows[made.id].free_s == 0


def test_new_tokens_are_kept_before_they_are_used(house: House) -> None:
    made = connected(house)
    kept: list[str] = []

    def look(request: Request) -> None:
        if request.form["action"] == "getmeas":
            kept.append(house.connections.rows[made.id].tokens.refresh_token)

    house.withings.then = look
    work(house)

    assert kept == ["made-up-refresh-1"]
    tokens = house.connections.rows[made.id].tokens
    assert (tokens.access_token, tokens.number) == ("made-up-access-1", 2)
    assert tokens.expires_at == NOW + timedelta(seconds=10800)


def test_a_token_that_is_not_taken_is_renewed_once(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.access = "made-up-other"
    house.withings.groups = [reading(1)]

    work(house)

    assert [one.form["action"] for one in house.withings.asked] == [
        "getmeas",
        "requesttoken",
        "getmeas",
    ]
    assert house.connections.rows[made.id].connection.access is Access.ACTIVE
    assert house.message(1).state is State.WAITING
