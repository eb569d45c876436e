"""/healthz, /readyz and /metrics of the listener process, on its own event loop."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from wherry.codec import encode
from wherry.errors import Failure

Ping = Callable[[], None]
_Page = tuple[int, str, bytes]

_JSON = "application/json"
_PATIENCE_S = 5.0
_HEAD_BYTES = 8192
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class FeedPages:
    """Three pages over plain HTTP/1.1, one request a connection; no framework in this process."""

    def __init__(
        self, pings: Mapping[str, Ping], registry: CollectorRegistry, executor: Executor
    ) -> None:
        self._pings = pings
        self._registry = registry
        self._executor = executor

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen. Raises: OSError when the port is taken."""
        return await asyncio.start_server(self._serve, host, port, limit=_HEAD_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, type_, body = await self._page(head)
                writer.write(
                    f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {type_}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                )
                if not head.startswith(b"HEAD "):
                    writer.write(body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or never asked
        finally:
            writer.close()

    async def _page(self, head: bytes) -> _Page:
        method, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0].decode("latin-1")
        if path not in {"/healthz", "/readyz", "/metrics"}:
            return 404, _JSON, encode({"status": "not found"})
        if method not in {b"GET", b"HEAD"}:
            return 405, _JSON, encode({"status": "only GET"})
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        if path == "/healthz":
            return 200, _JSON, encode({"status": "up"})
        return await self._ready()

    async def _ready(self) -> _Page:
        loop = asyncio.get_running_loop()
        states = {
            name: await loop.run_in_executor(self._executor, _state, ping)
            for name, ping in self._pings.items()
        }
        ready = all(state == "up" for state in states.values())
        body = {"status": "ready" if ready else "not ready", "needs": states}
        return 200 if ready else 503, _JSON, encode(body)


def _state(ping: Ping) -> str:
    try:
        ping()
    except Failure as failure:
        return f"down: {failure.detail}"
    return "up"
