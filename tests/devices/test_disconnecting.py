"""/v1/connections: ended here and at the vendor; who may; what is told of it all."""

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.devices.consents import ASKED, ID, KEY, asked, back
from tests.devices.harness import House

from wherry_devices.app import create_app
from wherry_devices.vendors.protocol import Answer


def test_an_ended_connection_is_over_here_and_at_the_vendor(house: House) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")

    answer = web.delete(f"/v1/connections/{ID}?by=nurse+8")

    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["connection"]["state"], answer.json["vendor_told"]) == ("revoked", True)
    assert house.withings.revoked == ["acc-4711"]
    [binding] = house.bindings.search(key=KEY)
    assert binding.valid_to == house.clock.now()
    assert house.connections.rows[ID].tokens.refresh_token == ""
    assert house.connections.deeds[-1] == ("nurse 8", "end", ID)
    assert web.delete(f"/v1/connections/{ID}?by=nurse+8").status_code == 410


def test_a_connection_is_ended_even_when_the_vendor_is_away(house: House) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")
    house.withings.troubles = [Answer(500, b"")]

    answer = web.delete(f"/v1/connections/{ID}?by=nurse+8")

    assert answer.json is not None
    assert (answer.status_code, answer.json["vendor_told"]) == (200, False)
    assert house.connections.rows[ID].tokens.refresh_token == ""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (ID, 400),
        (f"{ID}?by=", 400),
        (f"{ID}?by=%00", 400),
        (f"{ID}?by=me&who=me", 400),
        ("00000000-0000-0000-0000-000000000009?by=me", 404),
        ("c1?by=me", 404),
    ],
)
def test_who_ends_what_has_to_be_said(house: House, path: str, status: int) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")

    assert web.delete(f"/v1/connections/{path}").status_code == status
    assert house.connections.search()[0].access.value == "active"


def test_only_the_way_back_is_open_to_strangers(house: House) -> None:
    house.token = SecretStr("made-up-token")
    web = create_app(house.deps()).test_client()

    assert web.post("/v1/connections", json=ASKED).status_code == 401
    assert web.get("/v1/connections").status_code == 401
    assert web.delete(f"/v1/connections/{ID}?by=me").status_code == 401
    assert back(web, "made-up").status_code == 404


def test_no_secret_and_no_account_is_answered_or_logged(house: House) -> None:
    web = create_app(house.deps()).test_client()
    with capture_logs() as logs:
        state = asked(web)
        shown = [back(web, state, code="good-code").text]
        shown.append(back(web, asked(web, patient="p2"), code="good-code").text)
        shown.append(back(web, asked(web), code="bad-code").text)
        shown.append(web.get("/v1/connections").text)
        shown.append(web.delete(f"/v1/connections/{ID}?by=nurse+8").text)

    for secret in ("made-up", "acc-4711", "good-code", "bad-code", state):
        assert secret not in repr(logs)
        assert secret not in repr(shown)
    assert len(logs) >= 5


def test_metrics_tell_of_connections_and_fetches(house: House) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")
    house.connections.ended["withings", "busy"] = 3
    house.connections.time_s += 50

    told = web.get("/metrics").text

    assert 'wherry_devices_fetches_total{outcome="busy",source="withings"} 3.0' in told
    assert 'wherry_devices_connections{source="withings",state="active"} 1.0' in told
    assert 'wherry_devices_connection_overdue_seconds{source="withings"} 50.0' in told
    assert 'wherry_devices_vendor_away{source="withings"} 0.0' in told


def test_who_looked_at_whose_connections_is_kept(house: House) -> None:
    web = create_app(house.deps()).test_client()
    back(web, asked(web), code="good-code")

    web.get("/v1/connections")
    web.get("/v1/connections?patient=p2")

    deeds = [(deed.who, deed.what, deed.patient) for _, _, deed in house.audit.deeds()]
    assert deeds == [
        ("nurse 7", "ask-consent", "p1"),
        ("local", "read-connections", "p1"),
        ("local", "read-connections", "p2"),
    ]
