"""What the app asks and does at /v1, by named persons. All data are synthetic."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from wherry.adapters.clock import new_id
from wherry.adapters.sql import make_engine
from wherry.codec import encode
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.port import Said
from wherry_cds.board.sql import SqlBoard
from wherry_cds.migrate import upgrade
from wherry_cds.policy.policy import ServicePolicy

Body = dict[str, Any]
PERSON = "Practitioner/u-1"
UNTIL = "2026-03-01T14:00:00Z"


@pytest.fixture
def world(build: Callable[..., Any], tmp_path: Path) -> Any:
    url = f"sqlite:///{tmp_path}/cds.db"
    upgrade(url)
    engine = make_engine(url)
    audit = SqlAudit(engine)
    kept = {"board": SqlBoard(engine), "audit": audit, "deeds": audit}
    return build(**kept, new_id=new_id, app_tenant="local")


def post(world: Any, path: str, **body: Any) -> Any:
    sent = encode({"person": PERSON, **body})
    return world.client.post(f"/v1/{path}", data=sent, content_type="application/json")


def cards(world: Any) -> Body:
    told: Body = post(world, "cards", patient="p-1").get_json()
    return told


def test_shown_and_held_back_cards_are_told_newest_first(world: Any, request_body: Body) -> None:
    card = world.call(request_body).get_json()["cards"][0]
    post(world, "snoozes", patient="p-1", until=UNTIL, reason="in review")
    world.call(request_body)

    told = cards(world)

    assert [(one["shown"], one["rule"]) for one in told["decisions"]] == [
        (False, "snoozed"),
        (True, "first-crossing"),
    ]
    assert told["decisions"][1]["card"] == card["uuid"]
    assert told["decisions"][1]["summary"] == card["summary"]
    assert {one["by"] for one in told["snoozes"] if one["holds"]} == {PERSON}


def test_a_snooze_holds_the_next_card_back_until_it_is_ended(
    world: Any, request_body: Body
) -> None:
    world.call(request_body)
    asked = {"patient": "p-1", "until": UNTIL, "reason": "in review", "service": "early-warning"}
    made = post(world, "snoozes", **asked).get_json()["snoozes"]
    held = world.call(request_body).get_json()

    ended = post(world, "snoozes/end", snooze=made[0]["id"])

    assert (held, ended.status_code) == ({"cards": []}, 200)
    assert [one["service"] for one in made] == ["early-warning"]
    assert world.call(request_body).get_json()["cards"]
    assert post(world, "snoozes/end", snooze=made[0]["id"]).status_code == 404


def test_a_snooze_on_somebody_not_seen_yet_is_broken_by_a_critical_score(
    world: Any, request_body: Body
) -> None:
    post(world, "snoozes", patient="p-1", until=UNTIL, reason="in theatre")

    assert world.call(request_body).get_json()["cards"]
    assert cards(world)["decisions"][0]["rule"] == "critical-broke-snooze"


def test_a_card_is_acknowledged_by_name(world: Any, request_body: Body) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]

    assert post(world, "cards/acknowledge", patient="p-1", card=card).status_code == 201
    assert post(world, "cards/acknowledge", patient="p-2", card=card).status_code == 404
    assert [(one["event"], one["who"], one["about"]) for one in cards(world)["deeds"]] == [
        ("acknowledged", PERSON, f"card={card}")
    ]


def test_every_reading_and_deed_is_in_the_audit(world: Any, request_body: Body) -> None:
    world.call(request_body)
    cards(world)
    post(world, "snoozes", patient="p-1", until=UNTIL, reason="in review")

    told = post(world, "audit").get_json()

    assert [one["rule"] for one in told["decisions"]] == ["first-crossing"]
    assert [(one["event"], one["patient"]) for one in told["deeds"]] == [
        ("cards-read", "p-1"),
        ("snoozed", "p-1"),
    ]
    last = told["deeds"][-1]["id"]
    assert [one["event"] for one in post(world, "audit", after_deed=last).get_json()["deeds"]] == [
        "audit-read"
    ]


def test_another_tenants_cards_are_not_told(world: Any, request_body: Body) -> None:
    world.call(request_body)

    told = post(world, "cards", patient="p-1", tenant="other").get_json()

    assert (told["decisions"], told["snoozes"]) == ([], [])


@pytest.mark.parametrize(
    ("path", "body", "at"),
    [
        ("cards", {"patient": "a b"}, "patient"),
        ("cards", {"patient": "p-1", "person": ""}, "person"),
        ("snoozes", {"patient": "p-1", "reason": "x", "until": "2026-03-01T11:00:00Z"}, "until"),
        ("snoozes", {"patient": "p-1", "reason": "x", "until": "2026-03-09T12:00:00Z"}, "until"),
        ("snoozes", {"patient": "p-1", "reason": "x", "until": "2026-03-01T13:00:00"}, "until"),
        (
            "snoozes",
            {"patient": "p-1", "reason": "x", "until": UNTIL, "service": "tea"},
            "service",
        ),
    ],
)
def test_what_is_wrong_is_named(world: Any, path: str, body: Body, at: str) -> None:
    answer = post(world, path, **body)

    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == [at]
    assert (
        world.deps.board.of_patient("local", "p-1", since=world.deps.clock.now(), limit=9)[2] == []
    )


def test_strangers_are_not_told(build: Any) -> None:
    world = build(token=SecretStr("secret"))

    assert post(world, "cards", patient="p-1").status_code == 401
    assert world.client.get("/v1/analytics").status_code == 401


def test_a_ticket_is_closed_once_by_name_and_only_by_its_tenant(
    world: Any, request_body: Body
) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]
    doubt = Said(card, "overridden", world.deps.clock.now(), reason="need-more-info")
    board = world.deps.board
    board.take("local", "early-warning", [doubt], ServicePolicy())
    (ticket,) = board.tickets("local")

    assert post(world, "tickets/close", ticket=ticket.id, tenant="other").status_code == 404
    assert post(world, "tickets/close", ticket=ticket.id).status_code == 200
    assert post(world, "tickets/close", ticket=ticket.id).status_code == 404
    assert post(world, "tickets/close", ticket="1").status_code == 400
    assert board.tickets("local") == []
    (deed,) = world.deps.deeds.rows("local", after=0, limit=9)
    assert (deed.event, deed.who) == ("ticket-closed", PERSON)
