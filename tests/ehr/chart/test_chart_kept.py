"""Calls and registrations in SQL, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_ehr.chart.cds_key import signing_key
from wherry_ehr.chart.cds_servers import MOST as MOST_SERVERS
from wherry_ehr.chart.cds_servers import CdsServer, CdsServers
from wherry_ehr.chart.exchanges import KEPT, MOST, Exchange, Exchanges, micros

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _made(n: int, at: datetime = NOW, occasion: str = "o") -> Exchange:
    when = micros(at + timedelta(microseconds=n))
    return Exchange(str(n), occasion, when, "hook", "p-1", "POST", "http://127.0.0.1")


def test_calls_come_back_newest_first_and_those_of_one_occasion_in_their_order(either: Any) -> None:
    kept = Exchanges(either.deps.store.engine, "session")

    kept.keep([_made(1), _made(2, occasion="other"), _made(3)], NOW)

    assert [one.id for one in kept.all()] == ["3", "2", "1"]
    assert [one.id for one in kept.of("o")] == ["1", "3"]
    assert kept.one("2") == _made(2, occasion="other")
    assert Exchanges(either.deps.store.engine, "another").one("2") is None


def test_only_the_newest_calls_are_kept_and_none_for_long(either: Any) -> None:
    kept = Exchanges(either.deps.store.engine, "session")
    kept.keep([_made(n) for n in range(MOST + 5)], NOW)
    assert [one.id for one in kept.all()][-1] == "5"

    later = NOW + KEPT + timedelta(seconds=1)
    Exchanges(either.deps.store.engine, "another").keep([_made(1000, later)], later)

    assert kept.all() == []


def test_registrations_are_kept_until_they_are_removed(either: Any) -> None:
    servers = CdsServers(either.deps.store.engine)
    one = CdsServer("one", "One", "http://127.0.0.1:9000")

    servers.add(one)

    assert servers.all() == (one,)
    with pytest.raises(Failure) as caught:
        servers.add(one)
    assert caught.value.kind is Kind.CONFLICT
    assert (servers.remove("one"), servers.remove("one"), servers.all()) == (True, False, ())


def test_there_is_an_end_to_registrations(either: Any) -> None:
    servers = CdsServers(either.deps.store.engine)
    for n in range(MOST_SERVERS):
        servers.add(CdsServer(f"s{n}", "One", "http://127.0.0.1:9000"))

    with pytest.raises(Failure, match="no more than"):
        servers.add(CdsServer("more", "One", "http://127.0.0.1:9000"))


def test_the_key_of_calls_is_made_once(either: Any) -> None:
    first, again = (signing_key(either.deps.store.engine) for _ in range(2))

    assert first.as_dict(private=True) == again.as_dict(private=True)
