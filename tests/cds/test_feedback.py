"""Feedback over HTTP: what is kept, what is refused, and what follows. All data are synthetic."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wherry.adapters.sql import make_engine
from wherry_cds.board.sql import SqlBoard
from wherry_cds.migrate import upgrade

Body = dict[str, Any]
ORPHAN = "0f0e0d0c-0000-4000-8000-000000000009"


@pytest.fixture
def board(tmp_path: Path) -> SqlBoard:
    url = f"sqlite:///{tmp_path}/cds.db"
    upgrade(url)
    return SqlBoard(make_engine(url))


@pytest.fixture
def world(build: Callable[..., Any], board: SqlBoard) -> Any:
    return build(board=board)


def item(card: str, **changes: Any) -> Body:
    return {
        "card": card,
        "outcome": "overridden",
        "outcomeTimestamp": "2026-03-01T12:01:00Z",
        **changes,
    }


def reason(code: str) -> Body:
    return {"reason": {"code": code, "system": "urn:reasons"}}


def send(world: Any, *items: Any) -> Any:
    return world.call({"feedback": list(items)}, service="early-warning/feedback")


def kept(board: SqlBoard, world: Any, now: Any) -> list[Any]:
    return board.of_patient("local", "p-1", since=now, limit=99)[1]


def test_an_override_is_kept_and_holds_the_next_card_back(
    world: Any, board: SqlBoard, request_body: Body, now: Any
) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]

    answer = send(world, item(card, overrideReason=reason("action-completed")))

    assert (answer.status_code, answer.get_json()) == (200, {})
    assert world.call(request_body).get_json() == {"cards": []}
    assert board.rows("local", after=0, limit=9)[-1].rule == "snoozed"


def test_the_same_item_is_kept_once_and_a_sequence_in_order(
    world: Any, board: SqlBoard, request_body: Body, now: Any
) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]
    took = item(card, outcome="accepted", acceptedSuggestions=[{"id": "s-1"}])
    later = item(card, outcomeTimestamp="2026-03-01T13:31:00+01:00")

    for _ in range(2):
        assert send(world, took, later).status_code == 200

    said = [one for one, _ in kept(board, world, now)]
    assert [(one.outcome, one.at.isoformat(), one.not_utc) for one in said] == [
        ("overridden", "2026-03-01T12:31:00+00:00", True),
        ("accepted", "2026-03-01T12:01:00+00:00", False),
    ]


def test_a_card_that_nobody_knows_is_kept_and_silences_nothing(
    world: Any, board: SqlBoard, request_body: Body
) -> None:
    answer = send(world, item(ORPHAN, overrideReason=reason("action-completed")))

    assert (answer.status_code, answer.get_json()) == (200, {})
    assert world.call(request_body).get_json()["cards"]


def test_wrong_data_open_a_ticket(world: Any, board: SqlBoard, request_body: Body) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]
    send(world, item(card, overrideReason=reason("need-more-info")))

    assert [one.card for one in board.tickets("local")] == [card]
    assert world.call(request_body).get_json()["cards"]


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"card": ""}, "feedback[1].card"),
        ({"card": None}, "feedback[1].card"),
        ({"outcome": "ignored"}, "feedback[1].outcome"),
        ({"outcome": "accepted"}, "feedback[1].acceptedSuggestions"),
        (
            {"outcome": "accepted", "acceptedSuggestions": [{}]},
            "feedback[1].acceptedSuggestions[0].id",
        ),
        ({"outcomeTimestamp": None}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": "yesterday"}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-03-01"}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-03-01T12:00:00"}, "feedback[1].outcomeTimestamp"),
        ({"overrideReason": {}}, "feedback[1].overrideReason"),
        ({"overrideReason": {"reason": {"display": "x"}}}, "feedback[1].overrideReason.reason"),
    ],
)
def test_one_wrong_item_is_named_and_nothing_is_kept(
    world: Any, board: SqlBoard, request_body: Body, now: Any, *, wrong: Body, at: str
) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]

    answer = send(world, item(card), {**item(card), **wrong})

    assert answer.status_code == 400
    assert [issue["expression"] for issue in answer.get_json()["issue"]] == [[at]]
    assert kept(board, world, now) == []


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": {}}, item(ORPHAN)])
def test_what_is_no_list_of_feedback_is_refused(world: Any, body: Body) -> None:
    assert world.call(body, service="early-warning/feedback").status_code == 400


def test_feedback_on_a_service_that_is_not_there_is_refused(world: Any) -> None:
    assert world.call({"feedback": [item(ORPHAN)]}, service="nothing/feedback").status_code == 404


def test_comments_are_kept_and_not_logged(
    world: Any, board: SqlBoard, request_body: Body, now: Any, capsys: Any
) -> None:
    card = world.call(request_body).get_json()["cards"][0]["uuid"]
    send(world, item(card, overrideReason={"userComment": "Mrs Example is fine"}))

    assert [one.comment for one, _ in kept(board, world, now)] == ["Mrs Example is fine"]
    assert "Example" not in "".join(capsys.readouterr())
    assert "Example" not in repr(kept(board, world, now))
