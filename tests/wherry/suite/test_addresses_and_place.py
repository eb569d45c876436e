"""Ports are looked at before anything starts; a data directory belongs to one suite at a time."""

import socket
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from wherry.errors import Failure, Kind
from wherry.suite.addresses import HOST, PORTS, Addresses, free_port, is_taken
from wherry.suite.place import LOG_LIMIT_BYTES, Place
from wherry.suite.up import up


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "var")
    made.prepare()
    return made


def test_an_offset_moves_every_port() -> None:
    moved = Addresses(1000)

    assert {name: moved.port(name) - port for name, port in PORTS.items()} == dict.fromkeys(
        PORTS, 1000
    )
    assert moved.fhir == "http://127.0.0.1:9100/fhir"


def test_a_port_is_taken_while_somebody_listens_on_it() -> None:
    port = free_port()
    with socket.create_server((HOST, port)):
        assert is_taken(port)
    assert not is_taken(port)


def test_a_taken_port_is_named_with_its_service_and_nothing_is_started(tmp_path: Path) -> None:
    offset = free_port() % 10_000 + 20_000
    port = Addresses(offset).port("mllp")
    with socket.create_server((HOST, port)):
        result = CliRunner().invoke(up, ["--data", str(tmp_path), "--port-offset", str(offset)])

    assert result.exit_code == 1
    assert f"{port} (needed by hl7-feed (MLLP))" in result.stderr
    assert result.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "logs"]


def test_a_second_suite_in_the_same_directory_is_refused(place: Place) -> None:
    with place.lock(), pytest.raises(Failure) as caught, Place(place.root).lock():
        pass

    assert (caught.value.kind, caught.value.at) == (Kind.CONFLICT, str(place.root))


def test_the_token_is_made_once_and_only_its_owner_may_read_it(place: Place) -> None:
    token = place.token()

    assert len(token) >= 32
    assert (place.token(), Place(place.root).known_token()) == (token, token)
    assert stat.S_IMODE(place.token_file.stat().st_mode) == 0o600


def test_only_the_owner_may_look_into_the_data_directory(place: Place) -> None:
    assert [stat.S_IMODE(p.stat().st_mode) for p in (place.root, place.logs)] == [0o700] * 2


def test_a_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Failure) as caught:
        Place(tmp_path / "file" / "below").prepare()

    assert caught.value.kind is Kind.UNAVAILABLE


@pytest.mark.parametrize(("size", "kept"), [(LOG_LIMIT_BYTES, True), (LOG_LIMIT_BYTES + 1, False)])
def test_a_log_over_its_limit_is_put_aside(place: Place, size: int, kept: bool) -> None:
    log = place.logs / "ehr.log"
    log.write_bytes(b"x" * size)

    assert place.fresh_log("ehr") == log
    assert (log.exists(), (place.logs / "ehr.log.1").exists()) == (kept, not kept)
