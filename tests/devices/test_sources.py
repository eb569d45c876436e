"""Payloads are kept before anyone is told so; who may send and what is refused."""

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from tests.devices.harness import House, getmeas, group, measure
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry.ports import State
from wherry_devices.app import create_app

BODY = encode(getmeas(group(1, measure(11, 70))))


def client(house: House) -> FlaskClient:
    return create_app(house.deps()).test_client()


def post(
    web: FlaskClient,
    body: bytes = BODY,
    *,
    source: str = "withings",
    type_: str = "application/json",
    address: str = "127.0.0.1",
    token: str = "",
) -> TestResponse:
    return web.post(
        f"/v1/sources/{source}",
        data=body,
        headers={"Content-Type": type_, **({"Authorization": f"Bearer {token}"} if token else {})},
        environ_base={"REMOTE_ADDR": address},
    )


def test_a_payload_is_kept_byte_for_byte_and_a_worker_is_woken(house: House) -> None:
    answer = post(client(house))

    assert (answer.status_code, answer.json) == (202, {"id": 1})
    kept = house.message(1)
    assert (kept.source, kept.sender, kept.kind, kept.body, kept.state) == (
        "devices",
        "withings",
        "withings@2",
        BODY,
        State.WAITING,
    )
    assert len(kept.keys) == 1
    assert house.queue.tickets == ["devices"]


def test_what_is_no_json_is_kept_for_a_person(house: House) -> None:
    answer = post(client(house), b"{broken")

    assert answer.status_code == 202
    assert house.ended(1) == (State.ASIDE, "not_json")
    assert house.message(1).body == b"{broken"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"source": "nobody"}, 404),
        ({"body": b""}, 400),
        ({"type_": "text/plain"}, 415),
        ({"body": b" " * 100_001}, 413),
        ({"address": "203.0.113.9"}, 403),
        ({"source": "nobody", "address": "203.0.113.9"}, 403),
    ],
)
def test_what_is_refused_is_not_kept(house: House, sent: dict[str, str], status: int) -> None:
    answer = post(client(house), **sent)  # type: ignore[arg-type]  # a table of different arguments

    assert answer.status_code == status
    assert house.inbox.counts() == {}


def test_with_a_token_set_only_its_holder_may_send(house: House) -> None:
    house.token = SecretStr("made-up-token")
    web = client(house)

    assert post(web, address="203.0.113.9", token="made-up-token").status_code == 202
    assert post(web, token="another").status_code == 401
    assert post(web).status_code == 401


def test_without_redis_the_payload_is_kept_all_the_same(house: House) -> None:
    house.queue.away = True

    assert post(client(house)).status_code == 202
    assert house.message(1).state is State.WAITING


def test_nothing_is_promised_while_the_database_is_away(house: House) -> None:
    house.inbox.away = True

    assert post(client(house)).status_code == 503
