"""The demo sends over a real socket and believes only AA."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wherry.errors import Failure, Kind
from wherry.hl7.framing import Block, Deframer, frame
from wherry.suite.demo.sending import code, send

MESSAGES = [f"MSH|^~\\&|A|B|C|D|2024||ADT^A08|{n}|P|2.5.1\r".encode() for n in range(3)]


def answer(msa: str) -> bytes:
    return f"MSH|^~\\&|C|D|A|B|2024||ACK|1|P|2.5.1\r{msa}\r".encode()


@contextmanager
def listener(answers: list[bytes]) -> Iterator[int]:
    """A listener that gives these answers, one per message, to one caller."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            deframer, left = Deframer(), list(answers)
            while left and (data := connection.recv(65536)):
                for event in deframer.feed(data):
                    if isinstance(event, Block):
                        connection.sendall(frame(left.pop(0)))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_every_answer_is_counted() -> None:
    heard: list[None] = []

    with listener([answer("MSA|AA|1")] * 3) as port:
        send(MESSAGES, "127.0.0.1", port, sent=lambda: heard.append(None))

    assert len(heard) == 3


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (["MSA|AA|1", "MSA|AE|1", "MSA|AR|1"], "3 messages sent, answered 1 AA, 1 AE, 1 AR"),
        (["MSA|AA|1", "MSA|AA|1", "ERR|x"], "3 messages sent, answered 2 AA, 1 unreadable"),
    ],
)
def test_any_other_answer_is_told(answers: list[str], told: str) -> None:
    with (
        pytest.raises(Failure) as caught,
        listener([answer(text) for text in answers]) as port,
    ):
        send(MESSAGES, "127.0.0.1", port, sent=lambda: None)

    assert (caught.value.kind, caught.value.detail) == (Kind.UNPROCESSABLE, told)


@pytest.mark.parametrize(("msa", "said"), [("MSA|AA|1", "AA"), ("ERR|x", "unreadable")])
def test_the_acknowledgment_code_is_msa_1(msa: str, said: str) -> None:
    assert code(answer(msa)) == said
