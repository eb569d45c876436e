"""Keys of apps by address. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import responses
from tests.ehr.auth.driver import APP, EC, RSA, public

from wherry.errors import Failure
from wherry_ehr.auth.keys import HttpKeys

URL = "http://127.0.0.1:8105/.well-known/jwks.json"


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def _served(web: Any, *, cache: str = "", **more: Any) -> None:
    headers = {"Cache-Control": cache} if cache else {}
    web.get(URL, headers=headers, **{"json": public(EC), **more})


@pytest.mark.parametrize(
    ("cache", "after_s", "fetches"),
    [
        ("max-age=60", 59, 1),
        ("max-age=60", 60, 2),
        ("", 0, 2),
        ("no-store, max-age=60", 1, 2),
        ("max-age=999999", 3600, 2),
    ],
)
def test_keys_are_kept_as_long_as_the_app_allows(
    web: Any, cache: str, after_s: float, fetches: int
) -> None:
    """R339, R341, R342."""
    _served(web, cache=cache)
    ticks = Ticks()
    keys = HttpKeys(ticks)

    first = keys(URL)
    ticks.now = after_s
    second = keys(URL)

    assert first == second == public(EC)
    assert len(web.calls) == fetches


def test_keys_are_fetched_where_the_app_is_reached_from_here(web: Any) -> None:
    web.get("http://smart:8000/.well-known/jwks.json", json=public(EC))
    inside = {"http://127.0.0.1:8105": "http://smart:8000"}

    assert HttpKeys(Ticks(), inside=inside)(URL) == public(EC)


def test_a_missing_key_makes_us_look_again_but_not_at_once(web: Any) -> None:
    _served(web, cache="max-age=3600")
    ticks = Ticks()
    keys = HttpKeys(ticks)

    for now in (0.0, 1.0, 4.9, 5.0):
        ticks.now = now
        keys(URL, again=now > 0)

    assert len(web.calls) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"status": 500},
        {"status": 302, "headers": {"Location": "https://evil.example"}},
        {"json": {"no": "keys"}},
        {"json": ["keys"]},
        {"json": None, "body": b"x" * 70_000},
    ],
)
def test_what_is_no_key_set_is_unavailable(web: Any, more: dict[str, Any]) -> None:
    web.get(URL, **{"json": public(EC), **more})

    with pytest.raises(Failure, match="cannot be fetched"):
        HttpKeys(Ticks())(URL)


def test_a_key_that_was_added_later_is_found(smart: Any) -> None:
    """R338, R341: rotation; the set is fetched again when the kid is not in it."""
    asked: list[bool] = []

    def source(url: str, *, again: bool = False) -> Any:
        asked.append(again)
        return public(EC, RSA) if again else public(RSA)

    by_address = msgspec.structs.replace(APP, jwks=None, jwks_uri=URL)
    smart.client.application.extensions["wherry"] = replace(
        smart.deps, clients=(by_address,), keys=source
    )

    assertion = smart.assertion(header={"jku": URL})
    answer = smart.exchange(smart.code(), client_assertion=assertion)

    assert (answer.status_code, asked) == (200, [False, True])


def test_keys_that_cannot_be_fetched_are_a_client_error(smart: Any) -> None:
    """R340."""
    by_address = msgspec.structs.replace(APP, jwks=None, jwks_uri=URL)
    smart.client.application.extensions["wherry"] = replace(smart.deps, clients=(by_address,))

    answer = smart.exchange(smart.code())

    assert answer.get_json() == {
        "error": "invalid_client",
        "error_description": "the client's keys cannot be fetched",
    }
