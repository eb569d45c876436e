"""Key sets are fetched seldom, kept while their server is away, and never waited for twice."""

from threading import Barrier, Event, Thread
from typing import Any

import pytest
from tests.cds.clients.ehr import JKU, Checking, claims, ec, header, jwk, signed

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_cds.clients.keyset import addresses, key_set
from wherry_cds.clients.keysets import Documents

ROTATED = ec("P-384", "rotated")


def rotated(jti: str) -> str:
    return signed(claims(jti=jti), key=ROTATED, head=header(kid="k-2"))


def test_a_set_is_fetched_again_after_ten_minutes() -> None:
    checking = Checking()
    checking.verify(signed(claims(jti="1")))
    checking.ticks += 599
    checking.verify(signed(claims(jti="2")))
    assert checking.fetch.asked == [JKU]

    checking.ticks += 2
    checking.verify(signed(claims(jti="3")))

    assert checking.fetch.asked == [JKU, JKU]


def test_a_new_key_is_found_at_once() -> None:
    checking = Checking()
    checking.verify(signed())
    checking.ticks += 1
    checking.documents[JKU] = {"keys": [jwk(ec()), jwk(ROTATED, "k-2")]}

    assert checking.verify(rotated("2")).id == "ehr"


def test_unknown_keys_make_us_fetch_once_a_minute_at_most() -> None:
    checking = Checking()
    checking.verify(signed())
    for number in range(20):
        checking.ticks += 2
        with pytest.raises(Failure):
            checking.verify(rotated(str(number)))
    assert checking.fetch.asked == [JKU, JKU]

    checking.ticks += 61
    checking.documents[JKU] = {"keys": [jwk(ROTATED, "k-2")]}

    assert checking.verify(rotated("last")).id == "ehr"


def test_keys_are_used_for_a_day_while_their_server_is_away() -> None:
    checking = Checking()
    checking.verify(signed(claims(jti="1")))
    del checking.documents[JKU]

    checking.ticks += 24 * 3600 - 1
    assert checking.verify(signed(claims(jti="2"))).id == "ehr"

    checking.ticks += 2
    with pytest.raises(Failure) as caught:
        checking.verify(signed(claims(jti="3")))
    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_server_that_is_away_is_asked_once_in_ten_seconds_at_first() -> None:
    checking = Checking({})
    for _ in range(5):
        with pytest.raises(Failure):
            checking.verify(signed())
    assert checking.fetch.asked == [JKU]

    checking.ticks += 11
    checking.documents[JKU] = {"keys": [jwk(ec())]}

    assert checking.verify(signed()).id == "ehr"


def test_a_set_that_became_nonsense_does_not_take_the_place_of_a_good_one() -> None:
    checking = Checking()
    checking.verify(signed(claims(jti="1")))
    for nonsense in (b"<html>", b"[]", b'{"keys": 5}'):
        checking.documents[JKU] = nonsense
        checking.ticks += 700

        assert checking.verify(signed(claims(jti=str(nonsense)))).id == "ehr"


@pytest.mark.parametrize("document", [b"<html>", b"[]", b"{}", {"keys": {}}, {"keys": [1] * 65}])
def test_what_is_no_key_set_is_as_if_its_server_were_away(document: Any) -> None:
    with pytest.raises(Failure) as caught:
        Checking({JKU: document}).verify(signed())

    assert caught.value.kind is Kind.UNAVAILABLE


class Slow:
    """A server whose second answer waits until it is let go."""

    def __init__(self) -> None:
        self.asked, self.waits, self.go = 0, Event(), Event()

    def get(self, address: str, *, loopback: bool) -> bytes:
        self.asked += 1
        if self.asked > 1:
            self.waits.set()
            self.go.wait(5.0)
        return encode({"keys": [jwk(ec())]})


def test_nobody_waits_for_a_refresh_that_another_makes() -> None:
    slow, ticks = Slow(), [0.0]
    documents = Documents(slow, lambda: ticks[0], key_set)
    documents.get(JKU)
    ticks[0] = 700.0
    refreshing = Thread(target=documents.get, args=(JKU,))
    refreshing.start()
    assert slow.waits.wait(5.0)

    assert documents.get(JKU).has("k-1")  # while the other one still waits

    slow.go.set()
    refreshing.join()
    assert slow.asked == 2


def test_many_first_callers_make_one_fetch() -> None:
    checking, start, found = Checking(), Barrier(4, timeout=5.0), list[bool]()

    def ask() -> None:
        start.wait()
        found.append(checking.verifier.sets.get(JKU).has("k-1"))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (found, checking.fetch.asked) == ([True] * 4, [JKU])


def test_a_key_is_made_into_an_object_once() -> None:
    keys = key_set({"keys": [jwk(ec())]})

    assert keys.key("k-1", "ES384") is keys.key("k-1", "ES384")


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (["https://a.org/1", "http://a.org/2", "x"], {"https://a.org/1"}),
        ({"jkus": ["https://a.org/1"]}, {"https://a.org/1"}),
        ({"keys": [{"jku": "https://a.org/1", "n": 5}]}, {"https://a.org/1"}),
        (5, set()),
        (None, set()),
    ],
)
def test_a_list_of_key_sets_may_be_arranged_in_any_way(document: Any, found: set[str]) -> None:
    assert addresses(document) == found
