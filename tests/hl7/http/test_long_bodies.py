"""POST /hl7v2 with long bodies: message by message, in little memory, up to a limit. Synthetic."""

import tracemalloc
from collections.abc import Sequence
from io import BytesIO, RawIOBase

from flask.testing import FlaskClient
from tests.hl7.http.conftest import Make
from tests.hl7.http.test_feed import GOOD, PID, TYPE, answers, numbered, post

from wherry.ports import Arrival, Receipt, State
from wherry.testing.hl7 import message
from wherry.testing.inbox import FakeInbox
from wherry_hl7.door import Door


def test_a_body_without_a_length_is_read_to_its_end(client: FlaskClient, inbox: FakeInbox) -> None:
    answer = client.post(
        "/hl7v2",
        input_stream=BytesIO(GOOD),
        content_type=TYPE,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert answers(answer.data) == [("AA", "C-1")]
    assert len(inbox.search()) == 1


def test_a_file_longer_than_a_message_may_be_is_taken_message_by_message(
    make: Make, inbox: FakeInbox
) -> None:
    client = make(door=Door(max_message_bytes=2000))
    body = b"\r".join(numbered(n) for n in range(1000))

    answer = post(client, body)

    assert answers(answer.data) == [("AA", f"C-{n}") for n in range(1000)]
    assert [kept.body for kept in inbox.search(limit=2000)] == [numbered(n) for n in range(1000)]


def test_of_a_message_that_is_too_long_only_the_start_is_kept(make: Make, inbox: FakeInbox) -> None:
    client = make(door=Door(max_message_bytes=200_000))
    long = numbered(2, PID, "NTE|1||" + "x" * 400_000)

    answer = post(client, b"\r".join([numbered(1), long, numbered(3)]))

    assert answers(answer.data) == [("AA", "C-1"), ("AR", "C-2"), ("AA", "C-3")]
    assert [len(kept.body) <= 65536 for kept in inbox.search()] == [True] * 3
    assert inbox.search(reason="too_large")[0].state is State.ASIDE


def test_a_body_beyond_the_limit_of_files_is_refused(make: Make, inbox: FakeInbox) -> None:
    answer = post(make(door=Door(max_file_bytes=100)), GOOD)

    assert (answer.status_code, inbox.search()) == (413, [])


class Endless(RawIOBase):
    """A body of many messages that is made while it is read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left, self._buffer = count, b""
        self._one = message(PID, "NTE|1||" + "x" * 1_000_000) + b"\r"

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]  # what it is given
        if self._left and not self._buffer:
            self._left -= 1
            self._buffer = self._one
        given, self._buffer = self._buffer[: len(into)], self._buffer[len(into) :]
        into[: len(given)] = given
        return len(given)


class Forgetful(FakeInbox):
    """Takes messages and does not hold them."""

    bytes = 0

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        self.bytes += sum(len(one.body) for one in arrivals)
        return [Receipt(n, one.answer) for n, one in enumerate(arrivals)]


def test_a_long_file_takes_little_memory(make: Make) -> None:
    inbox = Forgetful()
    client = make(inbox=inbox)
    client.post("/hl7v2", data=GOOD, content_type=TYPE)  # what is made once is made
    tracemalloc.start()

    answer = client.post(
        "/hl7v2",
        content_type=TYPE,
        environ_overrides={
            "wsgi.input": Endless(120),
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
        },
    )
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answers(answer.data) == [("AA", "C-1")] * 120
    assert inbox.bytes > 120_000_000
    assert most < 40_000_000
