"""An address becomes an answer to: is the process behind it ready?"""

import http.client
import socket
import sys
from urllib.parse import urlsplit

PATIENCE_S = 1.0


def is_ready(address: str) -> bool:
    """Whether `http://…/readyz` answers 200, or a `redis://` server answers PING."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 80
    try:
        return (
            _pong(host, port, parts.password or "")
            if parts.scheme == "redis"
            else _ok(host, port, parts.path)
        )
    except (OSError, http.client.HTTPException):
        return False


def _ok(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    finally:
        connection.close()


def _pong(host: str, port: int, password: str) -> bool:
    greeting = f"AUTH {password}\r\nPING\r\n" if password else "PING\r\n"
    with socket.create_connection((host, port), timeout=PATIENCE_S) as connection:
        connection.sendall(greeting.encode())
        with connection.makefile("rb") as lines:
            return any(lines.readline().startswith(b"+PONG") for _ in greeting.splitlines())


if __name__ == "__main__":
    sys.exit(0 if is_ready(sys.argv[1]) else 1)
