"""POST /hl7v2: kept first, then acknowledged; charsets, batches, limits, callers. Synthetic."""

from base64 import b64encode

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from tests.hl7.http.conftest import Make
from werkzeug.test import TestResponse

from wherry.hl7.message import Message
from wherry.ports import Outcome, State
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry_hl7.door import Door
from wherry_hl7.triage import Policy

PID = segment("PID", {3: "42^^^SYNTHETIC", 5: "Made^Up"})
GOOD = message(PID, segment("OBX", {1: "1"}))
TYPE = "application/hl7-v2"
BEARER = {"Authorization": "Bearer made-up-secret"}


def numbered(number: int, *segments: str) -> bytes:
    return message(*(segments or (PID,)), control_id=f"C-{number}")


def post(
    client: FlaskClient, body: bytes, type_: str = TYPE, headers: dict[str, str] | None = None
) -> TestResponse:
    return client.post("/hl7v2", data=body, content_type=type_, headers=headers)


def answers(body: bytes) -> list[tuple[str, str]]:
    """MSA-1 and MSA-2 of each acknowledgment."""
    rows = [line.split("|") for line in body.decode().split("\r") if line.startswith("MSA")]
    return [(row[1], row[2]) for row in rows]


@pytest.mark.parametrize("type_", [TYPE, "x-application/hl7-v2+er7", "text/plain"])
def test_a_message_is_kept_and_acknowledged(
    client: FlaskClient, inbox: FakeInbox, queue: FakeQueue, type_: str
) -> None:
    answer = post(client, GOOD, type_)

    [kept] = inbox.search()
    assert (answer.status_code, answer.mimetype) == (200, type_)
    assert answers(answer.data) == [("AA", "C-1")]
    assert (kept.body, kept.channel, kept.state, kept.charset) == (GOOD, "http", State.WAITING, "")
    assert kept.sender == "LABSYS|LAB"
    assert queue.tickets == ["hl7"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (message(kind="ADT^A01"), "AE"),
        (message(PID, kind="ZZZ^Z01"), "AR"),
        (b"no HL7 at all", "AR"),
    ],
)
def test_a_refusal_is_a_200_unless_a_status_is_asked_for(
    make: Make, inbox: FakeInbox, body: bytes, code: str
) -> None:
    plain, early = make(), make(door=Door(status_from_ack=True))

    seen = [post(client, body) for client in (plain, early)]

    assert [answers(one.data)[0][0] for one in seen] == [code, code]
    assert [one.status_code for one in seen] == [200, {"AE": 500, "AR": 400}[code]]
    assert {kept.state for kept in inbox.search()} == {State.ASIDE}


def test_while_the_inbox_is_away_nothing_is_acknowledged(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    inbox.away = True

    answer = post(client, GOOD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert b"MSA" not in answer.data


def test_while_the_queue_is_away_messages_are_acknowledged(
    client: FlaskClient, queue: FakeQueue
) -> None:
    queue.away = True

    assert answers(post(client, GOOD).data) == [("AA", "C-1")]


def test_several_messages_are_answered_each_in_order(client: FlaskClient, inbox: FakeInbox) -> None:
    body = b"\r".join([numbered(1), message(kind="ADT^A01", control_id="C-2"), numbered(3)])

    answer = post(client, body)

    assert answers(answer.data) == [("AA", "C-1"), ("AE", "C-2"), ("AA", "C-3")]
    assert len(inbox.search()) == 3


def test_a_batch_is_answered_with_a_batch(client: FlaskClient, inbox: FakeInbox) -> None:
    start = b"FHS|^~\\&|A|B|WHERRY|NORTH\rBHS|^~\\&|A|B|WHERRY|NORTH|||||B-7\r"

    answer = post(client, start + numbered(1) + b"\r" + numbered(2) + b"\rBTS|2\rFTS|1\r")

    lines = answer.data.decode().strip().split("\r")
    assert answers(answer.data) == [("AA", "C-1"), ("AA", "C-2")]
    assert (lines[0][:27], lines[0].split("|")[11]) == ("BHS|^~\\&|WHERRY|NORTH|A|B|2", "B-7")
    assert lines[-1] == "BTS|2"
    assert [kept.control_id for kept in inbox.search()] == ["C-1", "C-2"]


def test_a_batch_without_messages_is_answered_with_an_empty_one(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    answer = post(client, b"BHS|^~\\&|A|B\rBTS|0\r")

    assert answer.status_code == 200
    assert answer.data.endswith(b"BTS|0\r")
    assert inbox.search() == []


def test_the_charset_of_http_goes_before_the_one_of_the_message(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    body = GOOD.decode().replace("Made^Up", "Mäde^Up").encode("iso8859-2")
    sent = body.replace(b"|2.5.1", b"|2.5.1||||||UNICODE UTF-8")

    answer = post(client, sent, f"{TYPE}; charset=ISO-8859-2")

    [kept] = inbox.search()
    read = Message.parse(kept.body, charset=kept.charset).first("PID")
    assert (kept.body, kept.charset) == (sent, "iso8859-2")
    assert read is not None
    assert read.text(5) == "Mäde"
    assert answer.content_type == f"{TYPE}; charset=ISO-8859-2"


def test_a_wide_charset_is_kept_as_utf_8_and_answered_in_its_own(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    answer = post(client, GOOD.decode().encode("utf-16"), f"{TYPE}; charset=utf-16")

    [kept] = inbox.search()
    assert (kept.body, kept.charset) == (GOOD, "utf-8")
    assert answers(answer.data.decode("utf-16").encode()) == [("AA", "C-1")]


@pytest.mark.parametrize(
    ("type_", "headers"),
    [
        ("application/hl7-v2+xml", {}),
        ("application/json", {}),
        ("", {}),
        (f"{TYPE}; charset=klingon", {}),
        (f"{TYPE}; charset=hex", {}),
        (TYPE, {"Content-Encoding": "gzip"}),
    ],
)
def test_what_cannot_be_read_is_not_kept(
    client: FlaskClient, inbox: FakeInbox, type_: str, headers: dict[str, str]
) -> None:
    assert post(client, GOOD, type_, headers).status_code == 415
    assert inbox.search() == []


@pytest.mark.parametrize("path", ["/hl7v2", "/convert", "/validate"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_feed_takes_posts_alone(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method, data=GOOD, content_type=TYPE)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_xml_is_refused_in_words(client: FlaskClient) -> None:
    for path in ("/hl7v2", "/convert", "/validate"):
        answer = client.post(path, data=b"<ADT_A01/>", content_type="application/hl7-v2+xml")

        assert answer.status_code == 415
        assert "XML" in answer.get_json()["issue"][0]["details"]["text"]


def test_patients_are_told_apart_in_the_charset_of_http(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    bodies = [numbered(1, segment("PID", {3: "Ä1^^^SYNTHETIC"})).decode()] * 2
    said = [text.replace("|2.5.1", "|2.5.1||||||8859/1") for text in bodies]

    post(client, said[0].encode("utf-8"), f"{TYPE}; charset=utf-8")
    post(client, said[1].encode("cp850"), f"{TYPE}; charset=cp850")

    first, second = inbox.search()
    assert first.keys
    assert first.keys == second.keys


def test_a_sender_that_waits_for_the_translation_has_it_made_in_the_charset_of_http(
    make: Make, inbox: FakeInbox
) -> None:
    client = make(policy=Policy(on="converted"))

    told = post(client, GOOD.decode().encode("utf-16"), f"{TYPE}; charset=utf-16")

    assert answers(told.data.decode("utf-16").encode()) == [("AA", "C-1")]


def test_an_empty_body_is_refused(client: FlaskClient) -> None:
    assert post(client, b"").status_code == 400


def test_an_acknowledgment_is_kept_and_not_answered(client: FlaskClient, inbox: FakeInbox) -> None:
    answer = post(client, message("MSA|AA|1", kind="ACK"))

    assert (answer.status_code, answer.data) == (204, b"")
    assert inbox.search()[0].reason.startswith("acknowledgment")


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (BEARER, 200),
        (basic("engine", "pässword"), 200),
        (basic("engine", "wrong"), 401),
        (basic("nobody", "pässword"), 401),
        ({"Authorization": "Basic !"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Digest x"}, 401),
        ({}, 401),
    ],
)
def test_senders_come_by_token_or_by_user(
    make: Make, inbox: FakeInbox, headers: dict[str, str], status: int
) -> None:
    door = Door(users={"engine": "pässword", "other": "made-up"})
    client = make(door=door, token=SecretStr("made-up-secret"))

    answer = post(client, GOOD, headers=headers)

    assert (answer.status_code, len(inbox.search())) == (status, int(status == 200))
    if status == 401:
        assert "Basic" in answer.headers["WWW-Authenticate"]


def test_a_user_of_the_feed_is_no_operator(make: Make) -> None:
    client = make(door=Door(users={"engine": "made-up"}), token=SecretStr("made-up-secret"))

    assert client.get("/v1/inbox/stats", headers=basic("engine", "made-up")).status_code == 401
    assert client.get("/v1/inbox/stats", headers=BEARER).status_code == 200


def test_without_any_secret_only_this_machine_is_let_in(client: FlaskClient) -> None:
    answer = client.post(
        "/hl7v2", data=GOOD, content_type=TYPE, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}
    )

    assert answer.status_code == 403


def test_the_same_message_gets_the_same_answer_and_is_kept_once(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    told = [answers(post(client, GOOD).data) for _ in range(3)]

    assert told == [[("AA", "C-1")]] * 3
    assert [kept.repeats for kept in inbox.search()] == [2]


@pytest.mark.parametrize(
    ("asked", "code"), [("AL|NE", "CA"), ("NE|AL", "AA"), ("AL|AL", "AA"), ("NE|NE", "")]
)
def test_one_acknowledgment_fits_a_body(client: FlaskClient, asked: str, code: str) -> None:
    answer = post(client, GOOD.replace(b"|P|2.5.1", b"|P|2.5.1|||" + asked.encode()))

    assert answers(answer.data) == ([(code, "C-1")] if code else [])
    assert answer.status_code == (200 if code else 204)


def test_a_sender_that_waits_for_the_store_is_not_told_before(make: Make, inbox: FakeInbox) -> None:
    client = make(door=Door(stored_timeout_s=0), policy=Policy(on="stored"))

    late = post(client, GOOD)
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(kept.id, State.DONE) for kept in claim.messages])
    told = post(client, GOOD)

    assert (late.status_code, answers(told.data)) == (503, [("AA", "C-1")])
