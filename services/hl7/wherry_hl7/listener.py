"""A feed becomes a listening MLLP server that can be drained."""

import asyncio
import ssl

import structlog

from wherry_hl7.feed import Feed
from wherry_hl7.mllp import Connection

log = structlog.get_logger()

_STEP_S = 0.01
_HANDSHAKE_S = 10.0


class Listener:
    """The TCP server in front of one feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen and return the port. Raises: OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._feed),
            host,
            port,
            backlog=512,
            ssl=tls,
            ssl_handshake_timeout=_HANDSHAKE_S if tls else None,
        )
        taken = int(self._server.sockets[0].getsockname()[1])
        channel = self._feed.channel
        log.info("mllp_listening", host=host, port=taken, channel=channel, tls=tls is not None)
        return taken

    async def stop(self, grace_s: float = 3.0) -> None:
        """Accept nobody new, finish the blocks in hand and their answers, then close.

        Whoever is not done within the grace time is cut off without an answer and sends again.
        """
        feed = self._feed
        feed.draining = True
        if self._server is not None:
            self._server.close()
        for connection in tuple(feed.connections):
            connection.drain()
        deadline_s = asyncio.get_running_loop().time() + grace_s
        while feed.connections and asyncio.get_running_loop().time() < deadline_s:
            await asyncio.sleep(_STEP_S)
        cut_off = len(feed.connections)
        for connection in tuple(feed.connections):
            connection.abort()
        while not feed.shared.commit.idle and asyncio.get_running_loop().time() < deadline_s + 1:
            await asyncio.sleep(_STEP_S)
        log.info("mllp_stopped", cut_off=cut_off)
