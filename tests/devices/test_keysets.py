"""Keys that a vendor changes are fetched when they are needed, and not for nonsense."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.devices.harness import House
from tests.devices.listening import listening
from tests.devices.test_vendors import KEY, OTHER, google, keyset
from tests.devices.test_webhooks import BODY, post
from werkzeug.test import TestResponse

from wherry.errors import Failure, Kind
from wherry_devices.app import create_app
from wherry_devices.intake.keysets_http import OLD_S, PAUSE_S, PUBLISHED, HttpKeysets
from wherry_devices.intake.signature import VENDORS, Scheme
from wherry_devices.settings import Signed
from wherry_devices.wiring import scheme

NAME = "google-health"


class Publisher:
    """Where a vendor publishes its keys, and how often it was asked."""

    def __init__(self) -> None:
        self.body, self.status, self.asked, self.time_s = keyset(KEY, 7), 200, 0, 1000.0
        self.app = Flask("publisher")
        self.app.get("/keys.json")(self.answer)

    def answer(self) -> Response:
        self.asked += 1
        return Response(self.body, status=self.status)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def web(house: House, publisher: Publisher) -> Iterator[FlaskClient]:
    with listening(publisher.app) as at:
        keysets = HttpKeysets(f"{at}/keys.json", ticks=lambda: publisher.time_s)
        house.token = SecretStr("made-up-token")
        house.signatures = {NAME: Scheme((), keysets=keysets, **VENDORS[NAME])}  # type: ignore[arg-type]  # facts of texts
        yield create_app(house.deps()).test_client()


def notice(web: FlaskClient, headers: dict[str, str]) -> TestResponse:
    return post(web, NAME, headers)


def test_keys_are_fetched_once_and_then_known(web: FlaskClient, publisher: Publisher) -> None:
    answers = [notice(web, google(KEY, 7, BODY)).status_code for _ in range(3)]

    assert (answers, publisher.asked) == ([204, 204, 204], 1)


def test_a_new_key_is_fetched_when_it_is_first_named(
    web: FlaskClient, publisher: Publisher
) -> None:
    notice(web, google(KEY, 7, BODY))
    publisher.body = keyset(OTHER, 9)
    publisher.time_s += PAUSE_S

    assert notice(web, google(OTHER, 9, BODY)).status_code == 204
    assert notice(web, google(KEY, 7, BODY)).status_code == 401  # it was withdrawn
    assert publisher.asked == 2


def test_keys_are_looked_at_again_after_hours(web: FlaskClient, publisher: Publisher) -> None:
    notice(web, google(KEY, 7, BODY))
    publisher.body = keyset(OTHER, 9)
    publisher.time_s += OLD_S

    assert notice(web, google(KEY, 7, BODY)).status_code == 401
    assert publisher.asked == 2


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, 0),
        ({"X-HEALTHAPI-SIGNATURE": "no base64"}, 0),
        ({"X-HEALTHAPI-SIGNATURE": "AQ=="}, 0),
        (google(OTHER, 7, BODY), 1),
        (google(OTHER, 8, BODY), 1),
    ],
)
def test_nonsense_is_refused_and_makes_us_ask_once_a_minute_at_most(
    web: FlaskClient, publisher: Publisher, headers: dict[str, str], asked: int
) -> None:
    answers = {notice(web, headers).status_code for _ in range(5)}

    assert (answers, publisher.asked) == ({401}, asked)


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<html>"), (200, b'{"key": []}')])
def test_without_keys_the_vendor_is_asked_to_send_again(
    house: House, web: FlaskClient, publisher: Publisher, status: int, body: bytes
) -> None:
    publisher.status, publisher.body = status, body

    with capture_logs() as events:
        answer = notice(web, google(KEY, 7, BODY))
    publisher.status, publisher.body = 200, keyset(KEY, 7)
    too_soon = notice(web, google(KEY, 7, BODY))
    publisher.time_s += PAUSE_S
    later = notice(web, google(KEY, 7, BODY))

    assert [one.status_code for one in (answer, too_soon, later)] == [503, 503, 204]
    assert "keys_not_fetched" in [one["event"] for one in events]
    assert len(house.inbox.counts()) == 1


def test_known_keys_go_on_while_they_cannot_be_fetched_anew(
    web: FlaskClient, publisher: Publisher
) -> None:
    notice(web, google(KEY, 7, BODY))
    publisher.status = 503
    publisher.time_s += OLD_S

    assert notice(web, google(KEY, 7, BODY)).status_code == 204


def test_google_needs_no_more_than_what_it_was_told_to_send() -> None:
    made = scheme(NAME, Signed(authorization=(SecretStr("Bearer made-up"),)))

    assert isinstance(made.keysets, HttpKeysets)
    assert PUBLISHED[NAME].startswith("https://www.gstatic.com/")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/keys.json"])
@pytest.mark.parametrize("name", ["terra", "hub"])
def test_whoever_publishes_no_keys_needs_a_secret(name: str, url: str) -> None:
    with pytest.raises(Failure) as caught:
        scheme(name, Signed(keyset_url=url))

    assert caught.value.kind is Kind.INVALID
