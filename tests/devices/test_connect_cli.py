"""`wherry devices connect, connections, disconnect, fetch` against the service on the loopback."""

from collections.abc import Iterator
from threading import Event
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs
from tests.devices.fetched import AWAY, connected, reading
from tests.devices.harness import House
from tests.devices.listening import listening

from wherry.ports import State
from wherry_devices.app import create_app
from wherry_devices.cli import devices
from wherry_devices.commands.connect_cli import fetch_one

ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def url(house: House) -> Iterator[str]:
    """The service."""
    with listening(create_app(house.deps())) as found:
        yield found


def run(*words: str) -> tuple[int, str]:
    with capture_logs():
        ended = CliRunner().invoke(devices, words)
    return ended.exit_code, ended.output


def test_a_connection_is_asked_for_listed_and_ended(house: House, url: str) -> None:
    asked = ("--source", "withings", "--patient", "p1", "--verified-by", "nurse 7")

    code, address = run("connect", *asked, "--url", url)
    assert code == 0
    assert parse_qs(urlsplit(address.strip()).query)["state"] == ["state-or-verifier-1"]

    connected(house)
    code, listed = run("connections", "--patient", "p1", "--url", url)
    assert code == 0
    assert f"{ID}  withings" in listed
    assert "acc-4711" not in listed
    assert run("connections", "--patient", "p2", "--url", url)[1].splitlines()[1:] == []
    assert '"state":"active"' in run("connections", "--json", "--url", url)[1]

    assert run("disconnect", ID, "--by", "nurse 8", "--url", url) == (
        0,
        "ended; the vendor was told\n",
    )
    code, told = run("disconnect", ID, "--by", "nurse 8", "--url", url)
    assert (code, told) == (1, "refused: id this connection was ended before\n")


def test_a_service_that_is_not_there_is_told() -> None:
    code, told = run("connections", "--url", "http://127.0.0.1:9")

    assert code == 1
    assert "is the suite up?" in told


def test_one_connection_is_fetched_to_its_end_with_progress(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    connected(house)
    house.withings.groups = [reading(number) for number in range(3)]

    with capture_logs():
        assert fetch_one(house.deps(), ID, Event()) == 0

    assert capsys.readouterr().out == "1 page kept\n2 pages kept\nended: ok\n"
    assert house.message(2).state is State.WAITING


def test_a_fetch_that_fails_says_so(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    connected(house, expired=False)
    house.withings.troubles = [AWAY]

    with capture_logs():
        assert fetch_one(house.deps(), ID, Event()) == 1

    assert capsys.readouterr().out == "ended: away\n"


def test_what_cannot_be_lent_is_told(house: House) -> None:
    with pytest.raises(click.ClickException, match="no such connection"):
        fetch_one(house.deps(), ID, Event())
