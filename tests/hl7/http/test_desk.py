"""The operators' API: masked unless revealed, and every deed with the name of who did it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.hl7.http.conftest import Make

from wherry.braking import Braking
from wherry.ports import Arrival, Outcome, State
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry_hl7.door import Door

BODY = message(segment("PID", {3: "42^^^SYNTHETIC", 5: "Made^Up"}), kind="ADT^A08")


@pytest.fixture
def ids(inbox: FakeInbox) -> list[int]:
    """A synthetic message that waits and two that lie aside."""
    return inbox.keep(
        [
            Arrival("hl7", BODY, sender="LABSYS|LAB", keys=("a",)),
            Arrival("hl7", BODY, sender="WARD", aside="unsupported: ZZZ^Z01"),
            Arrival("hl7", b"Made Up", sender="WARD", aside="not_hl7"),
        ]
    )


def sent(client: FlaskClient, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    answer = (
        client.post(f"/v1/inbox/{path}", json=body)
        if body is not None
        else client.post(f"/v1/inbox/{path}")
    )
    return answer.status_code, answer.get_json()


def test_a_message_is_shown_beside_its_fhir_without_values(
    client: FlaskClient, ids: list[int]
) -> None:
    told = client.get("/v1/inbox/messages/1").get_json()

    assert told["body"].splitlines()[1] == "PID|||x^^^x||x^x"
    assert told["bundle"]["entry"][0]["resource"]["resourceType"] == "Patient"
    assert "Made" not in str(told)
    assert (told["revealed"], told["audit"]) == (False, [])


def test_a_reveal_shows_all_and_is_in_the_audit(client: FlaskClient, ids: list[int]) -> None:
    status, told = sent(client, "messages/1/reveal", {"note": "ticket 7"})

    assert (status, told["revealed"]) == (200, True)
    assert "Made^Up" in told["body"]
    assert "Made" in str(told["bundle"])
    [deed] = client.get("/v1/inbox/audit").get_json()["audit"]
    assert told["audit"] == [deed]
    assert (deed["who"], deed["what"], deed["message"], deed["note"]) == (
        "this machine",
        "reveal",
        1,
        "ticket 7",
    )


def test_operators_are_known_by_the_names_of_their_tokens(
    make: Make, inbox: FakeInbox, ids: list[int]
) -> None:
    client = make(door=Door(operators={"ann": "made-up-a", "bob": "made-up-b"}))

    by_bob = client.post(
        "/v1/inbox/messages/1/reveal", headers={"Authorization": "Bearer made-up-b"}
    )
    by_nobody = client.post("/v1/inbox/messages/1/reveal")

    assert (by_bob.status_code, by_nobody.status_code) == (200, 401)
    assert [deed.who for deed in inbox.audit()] == ["bob"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"ids": [2, 3]}, 2),
        ({"ids": [1, 99, -1, 2**80]}, 0),
        ({"sender": "WARD"}, 2),
        ({"reason": "unsupported"}, 1),
        ({"since": "2025-12-31T00:00:00Z"}, 2),
        ({"until": "2025-12-31T00:00:00+01:00"}, 0),
        ({"sender": "WARD", "state": "done"}, 0),
    ],
)
def test_messages_are_replayed_by_id_or_by_choice(
    client: FlaskClient, inbox: FakeInbox, ids: list[int], asked: Any, count: int
) -> None:
    assert sent(client, "replay", asked) == (200, {"replayed": count})
    assert len(inbox.audit()) == count
    assert len(inbox.search(state=State.WAITING)) == 1 + count


def test_a_replay_wakes_a_worker(client: FlaskClient, queue: FakeQueue, ids: list[int]) -> None:
    sent(client, "replay", {"ids": ids})

    assert queue.tickets == ["hl7"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"ids": []},
        {"ids": [1], "sender": "WARD"},
        {"ids": ["1"]},
        {"ids": [True]},
        {"state": "done"},
        {"sender": "WARD", "state": "waiting"},
        {"sender": 7},
        {"since": "yesterday"},
        {"since": "2026-01-05T12:00:00"},
        {"sender": "WARD", "unknown": 1},
    ],
)
def test_an_unclear_replay_does_nothing(
    client: FlaskClient, inbox: FakeInbox, ids: list[int], asked: Any
) -> None:
    status, told = sent(client, "replay", asked)

    assert (status, told["resourceType"]) == (400, "OperationOutcome")
    assert inbox.audit() == []


def test_a_message_is_marked_with_a_note(
    client: FlaskClient, inbox: FakeInbox, ids: list[int]
) -> None:
    marked = sent(client, "messages/2/handled", {"note": "entered by hand"})
    others = [
        sent(client, "messages/2/handled", {"note": "again"})[0],
        sent(client, "messages/3/handled")[0],
        sent(client, "messages/99/handled", {"note": "n"})[0],
    ]

    assert (marked, others) == ((200, {"handled": 1}), [409, 400, 404])
    assert [(deed.message_id, deed.note) for deed in inbox.audit()] == [(2, "entered by hand")]


def test_messages_are_listed_without_bodies(client: FlaskClient, ids: list[int]) -> None:
    found = client.get("/v1/inbox/messages?state=aside&limit=1&after=1").get_json()["messages"]

    assert [one["id"] for one in found] == [2]
    assert "body" not in found[0]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1001", "after=-1", "state=lost", "since=now"]
)
def test_an_unclear_question_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/v1/inbox/messages?{query}").status_code == 400


def stopped() -> FakeInbox:
    """An inbox in which the only message of LAB was set aside, and with it its brake is on."""
    inbox = FakeInbox(Braking(limit=1))
    inbox.keep([Arrival("hl7", BODY, sender="LAB"), Arrival("hl7", BODY, sender="LAB")])
    claim = inbox.claim("hl7", owner="w", limit=1, lease_s=60)
    assert claim
    inbox.settle(claim, [Outcome(1, State.ASIDE, "invalid: OBX-5")])
    return inbox


def test_an_operator_sees_a_brake_and_takes_it_off(make: Make, queue: FakeQueue) -> None:
    inbox = stopped()
    client = make(inbox=inbox, desk=inbox)

    [before] = client.get("/v1/inbox/feeds").get_json()["feeds"]
    told = sent(client, "feeds/release", {"sender": "LAB", "note": "map mended"})
    [after] = client.get("/v1/inbox/feeds").get_json()["feeds"]

    assert (before["brake"]["set_aside_in_a_row"], before["waiting"]) == (1, 1)
    assert before["brake"]["reason"] == "invalid: OBX-5"
    assert told == (200, {"released": 1})
    assert after["brake"] is None
    assert queue.tickets == ["hl7"]
    [deed] = client.get("/v1/inbox/audit").get_json()["audit"]
    assert (deed["who"], deed["what"], deed["note"]) == (
        "this machine",
        "release",
        "LAB map mended",
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sender": "WARD"}, 409),
        ({"sender": "LAB", "source": "devices"}, 409),
        ({}, 400),
        ({"sender": 7}, 400),
        ({"sender": None}, 400),
        ({"sender": "LAB", "all": True}, 400),
    ],
)
def test_an_unclear_release_does_nothing(make: Make, body: dict[str, Any], status: int) -> None:
    inbox = stopped()

    assert sent(make(inbox=inbox, desk=inbox), "feeds/release", body)[0] == status
    assert inbox.standings()[0].brake


def test_feeds_tell_how_far_a_clock_is_off(
    client: FlaskClient, inbox: FakeInbox, ids: list[int]
) -> None:
    inbox.time_s = 60.0
    inbox.keep([Arrival("hl7", message(time="20260101000031+0000"), sender="LABSYS|LAB")])

    lab, ward = client.get("/v1/inbox/feeds").get_json()["feeds"]

    assert (lab["sender"], lab["clock_skew_s"], lab["waiting"]) == ("LABSYS|LAB", -29.0, 2)
    assert (ward["sender"], ward["aside"], ward["clock_skew_s"]) == ("WARD", 2, None)
