"""`wherry hl7 send` against a peer on a loopback socket. All messages here are synthetic."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wherry.hl7.ack import build
from wherry.hl7.framing import Block, Deframer, frame
from wherry.hl7.head import read
from wherry_hl7.cli import hl7


def message(id_: str) -> str:
    return f"MSH|^~\\&|A|B|||2024||ADT^A01|{id_}|P|2.5\rPID|1||77"


class Peer:
    """Answers every block with the code that `judge` gives its control id; None hangs up."""

    def __init__(self, judge: Callable[[str], str | None]) -> None:
        self.heard: list[bytes] = []
        self._judge = judge
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        deframer = Deframer()
        while data := connection.recv(65536):
            for event in deframer.feed(data):
                assert isinstance(event, Block)
                self.heard.append(event.payload)
                code = self._judge(read(event.payload).control_id)
                if code is None:
                    return
                at = datetime(2024, 1, 1, tzinfo=UTC)
                connection.sendall(frame(build(event.payload, code, at=at, id_="1")))


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[str], str | None]], Peer]]:
    made: list[Peer] = []

    def make(judge: Callable[[str], str | None]) -> Peer:
        made.append(Peer(judge))
        return made[-1]

    yield make
    for one in made:
        one.close()


Made = Callable[[Callable[[str], str | None]], Peer]


def send(port: int, *paths: Path, timeout: str = "5") -> Result:
    return CliRunner().invoke(
        hl7, ["send", *map(str, paths), "--to", f"127.0.0.1:{port}", "--timeout", timeout]
    )


def test_every_message_of_files_and_directories_is_sent_and_each_answer_printed(
    peer: Made, tmp_path: Path
) -> None:
    two, folder, one = tmp_path / "two.hl7", tmp_path / "more", tmp_path / "more" / "x" / "one.TXT"
    two.write_text(message("1") + "\n" + message("2").replace("\r", "\n"))
    one.parent.mkdir(parents=True)
    one.write_bytes(b"\xef\xbb\xbf\x0b" + message("3").encode() + b"\r\x1c\r")
    (folder / "notes.md").write_text("not for sending")
    there = peer(lambda _: "AA")

    result = send(there.port, two, folder)

    assert result.stdout == f"AA\t1\t{two}\nAA\t2\t{two}\nAA\t3\t{one}\n"
    assert result.exit_code == 0
    assert there.heard == [f"{message(n)}\r".encode() for n in "123"]


@pytest.mark.parametrize(
    ("code", "exit_code"), [("AA", 0), ("CA", 0), ("AE", 1), ("AR", 1), ("CR", 1)]
)
def test_the_exit_code_is_1_when_any_message_was_not_accepted(
    peer: Made, tmp_path: Path, code: str, exit_code: int
) -> None:
    file = tmp_path / "three.hl7"
    file.write_text("\r".join(message(n) for n in "123"))

    result = send(peer(lambda id_: code if id_ == "2" else "AA").port, file)

    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["AA", code, "AA"]
    assert result.exit_code == exit_code


def test_a_peer_that_hangs_up_is_an_error_after_the_answers_so_far(
    peer: Made, tmp_path: Path
) -> None:
    file = tmp_path / "two.hl7"
    file.write_text(message("1") + "\r" + message("2"))

    result = send(peer(lambda id_: "AA" if id_ == "1" else None).port, file)

    assert result.stdout == f"AA\t1\t{file}\n"
    assert "the peer closed without an acknowledgment" in result.stderr
    assert result.exit_code == 1


def test_a_peer_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "one.hl7"
    file.write_text(message("1"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = send(silent.getsockname()[1], file, timeout="0.1")

    assert "no acknowledgment in time" in result.stderr
    assert (result.stdout, result.exit_code) == ("", 1)


def test_nobody_listening_is_an_error_that_names_the_address(tmp_path: Path) -> None:
    file = tmp_path / "one.hl7"
    file.write_text(message("1"))
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    result = send(port, file)

    assert f"127.0.0.1:{port}: nobody answers" in result.stderr
    assert result.exit_code == 1


def test_paths_without_a_message_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.hl7").write_text("\r\n")

    result = send(1, tmp_path)

    assert "no HL7 message" in result.stderr
    assert result.exit_code == 1


@pytest.mark.parametrize("address", ["here", "here:", ":2575", "here:x", "here:70000"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    result = CliRunner().invoke(hl7, ["send", str(tmp_path), "--to", address])

    assert "write it as HOST:PORT" in result.stderr
    assert result.exit_code == 2
