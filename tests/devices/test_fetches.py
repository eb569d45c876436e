"""Connections as fetchers see them: the same on the fake, on SQLite and on PostgreSQL."""

from dataclasses import replace

import pytest
from tests.devices.connected import OK, Parts, consented

from wherry_devices.accounts.connections import (
    Access,
    Ended,
)
from wherry_devices.freshness.standings import Standing
from wherry_devices.vendors.protocol import Trouble


def test_a_connection_is_one_fetchers_until_its_lease_ends(parts: Parts) -> None:
    parts.connections.connect(consented())
    first = parts.lent()

    assert parts.claim() is None
    assert parts.fetches.extend(first, lease_s=60)
    parts.wait(61)
    second = parts.lent()

    assert second.connection.id == first.connection.id
    assert not parts.fetches.extend(first, lease_s=60)
    assert not parts.fetches.advance(first, "999")
    assert not parts.fetches.settle(first, OK)
    assert parts.fetches.advance(second, "200")
    assert parts.fetches.settle(second, OK)
    parts.wait(901)
    assert parts.lent().cursor == "200"


def test_a_fetched_connection_is_due_again_after_its_interval(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)

    assert parts.claim() is None
    parts.wait(899)
    assert parts.claim() is None
    parts.wait(2)
    assert parts.lent().connection.id == made.id


def test_sources_that_nobody_fetches_are_not_lent(parts: Parts) -> None:
    parts.connections.connect(consented())

    assert parts.fetches.claim(["dexcom"], owner="f1", lease_s=60) is None
    assert parts.fetches.claim([], owner="f1", lease_s=60) is None


def test_new_tokens_take_the_place_of_those_that_were_lent_and_of_no_others(parts: Parts) -> None:
    parts.connections.connect(consented())
    lent = parts.lent()
    new = replace(lent.tokens, access_token="a2", refresh_token="r2", number=2)

    assert parts.fetches.renewed(lent, new)
    assert not parts.fetches.renewed(lent, replace(new, refresh_token="r3"))

    parts.wait(61)
    assert parts.lent().tokens == new


def test_new_tokens_are_kept_even_when_the_lease_was_lost_meanwhile(parts: Parts) -> None:
    parts.connections.connect(consented())
    slow = parts.lent()
    parts.wait(61)
    quick = parts.lent()

    assert parts.fetches.renewed(slow, replace(slow.tokens, refresh_token="r2", number=2))
    assert not parts.fetches.renewed(quick, replace(quick.tokens, refresh_token="r3", number=2))

    parts.wait(61)
    assert parts.lent().tokens.refresh_token == "r2"


def test_a_refused_connection_is_never_due_until_it_is_connected_again(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    parts.wait(10**6)
    assert parts.claim() is None
    [seen] = parts.connections.search()
    assert (seen.access, seen.trouble) == (Access.REFUSED, "refused")
    assert parts.lent(only=made.id).connection.id == made.id  # a person may try
    parts.wait(61)

    again = parts.connections.connect(consented(cursor="777"))

    assert (again.id, again.access, again.failures) == (made.id, Access.ACTIVE, 0)
    lent = parts.lent()
    assert (lent.cursor, lent.tokens.number) == ("100", 2)


def test_a_notice_makes_a_connection_due(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)

    assert parts.connections.nudge([made.key, "0" * 32]) == 1
    assert parts.claim() is None  # notices come in swarms
    parts.wait(31)
    assert parts.lent().connection.id == made.id
    assert parts.connections.nudge([]) == 0


def test_a_notice_that_comes_during_a_fetch_is_not_lost(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    lent = parts.lent()

    parts.connections.nudge([made.key])
    parts.fetches.settle(lent, OK)

    assert parts.claim() is None
    parts.wait(31)
    assert parts.lent().connection.id == made.id


def test_a_notice_does_not_shorten_the_pause_after_a_failure_but_doubt_does(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=300))

    parts.wait(40)
    parts.connections.nudge([made.key])
    assert parts.claim() is None
    parts.connections.nudge([made.key], in_doubt=True)
    assert parts.lent().connection.failures == 1


def test_a_notice_about_a_refused_connection_starts_nothing(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    assert parts.connections.nudge([made.key], in_doubt=True) == 0
    assert parts.claim() is None


def test_a_busy_vendor_is_asked_about_nobody_for_a_while(parts: Parts) -> None:
    for account in ("1", "2"):
        parts.connections.connect(consented(account))
    parts.fetches.settle(parts.lent(), Ended(Trouble.BUSY, again_s=60, vendor_pause_s=60))

    assert parts.claim() is None
    parts.wait(61)
    assert parts.lent().tokens.account == "2"


def test_many_failing_connections_make_a_vendor_away_and_one_at_a_time_is_tried(
    parts: Parts,
) -> None:
    keys = [parts.connections.connect(consented(f"{one}")).key for one in range(8)]
    for _ in range(5):
        parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=300))

    assert parts.claim() is None  # three were never tried, and are spared
    assert parts.figures.figures().away == {"withings": True}
    assert parts.connections.standing(keys)[keys[7]] == Standing(False, True, None)
    parts.wait(301)
    probe = parts.lent()
    assert parts.claim() is None
    parts.fetches.settle(probe, OK)
    assert parts.figures.figures().away == {"withings": False}
    assert parts.lent().connection.id != probe.connection.id


def test_one_connection_that_fails_again_and_again_says_nothing_of_the_others(
    parts: Parts,
) -> None:
    first = parts.connections.connect(consented("1"))
    for _ in range(6):
        parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=0))
    second = parts.connections.connect(consented("2"))

    stands = parts.connections.standing([first.key, second.key, "0" * 32])

    assert stands == {
        first.key: Standing(False, True, None),
        second.key: Standing(False, False, None),
    }
    assert parts.figures.figures().away == {"withings": False}


def test_standing_tells_of_refusals_and_of_the_last_fetch(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)
    [seen] = parts.connections.search()
    assert parts.connections.standing([made.key]) == {
        made.key: Standing(False, False, seen.fetched_at)
    }
    assert seen.fetched_at is not None

    parts.wait(901)
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    assert parts.connections.standing([made.key])[made.key].access_refused


def test_figures_count_connections_and_fetches(parts: Parts) -> None:
    for account in ("1", "2"):
        parts.connections.connect(consented(account))
    parts.fetches.settle(parts.lent(), OK)
    parts.wait(100)

    figures = parts.figures.figures()

    assert figures.connections == {("withings", "active"): 2}
    assert figures.fetches == {("withings", "ok"): 1}
    assert figures.overdue_s["withings"] == pytest.approx(100, abs=5)
