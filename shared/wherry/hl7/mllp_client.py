"""HL7 v2 messages go out over MLLP and their acknowledgments come back, in order."""

import socket
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType

from wherry.errors import Failure, Kind
from wherry.hl7.framing import Block, Deframer, frame

_READ_BYTES = 64 * 1024


class MllpClient:
    """One MLLP connection; use it as a context manager.

    Raises: Failure(UNAVAILABLE) when nobody listens or the peer closes, Failure(UNCERTAIN) when no
    acknowledgment comes in time: the message may have been kept.
    """

    def __init__(self, host: str, port: int, *, timeout_s: float = 10.0) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
        except OSError as error:
            raise Failure(
                Kind.UNAVAILABLE, f"nobody answers ({type(error).__name__})", at=f"{host}:{port}"
            ) from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deframer = Deframer()
        self._acks: deque[bytes] = deque()

    def __enter__(self) -> "MllpClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def send(self, message: bytes) -> bytes:
        """Send one message and return its acknowledgment."""
        self._write(frame(message))
        return self._read()

    def send_all(self, messages: Iterable[bytes], *, window: int = 16) -> Iterator[bytes]:
        """Send with up to `window` messages unanswered; acknowledgments come in sending order."""
        waiting = 0
        for message in messages:
            self._write(frame(message))
            waiting += 1
            if waiting >= window:
                yield self._read()
                waiting -= 1
        for _ in range(waiting):
            yield self._read()

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise Failure(Kind.UNCERTAIN, "the peer does not read") from None
        except OSError:
            raise Failure(Kind.UNAVAILABLE, "the peer closed the connection") from None

    def _read(self) -> bytes:
        while not self._acks:
            try:
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                raise Failure(Kind.UNCERTAIN, "no acknowledgment in time") from None
            except OSError:
                data = b""
            if not data:
                raise Failure(Kind.UNAVAILABLE, "the peer closed without an acknowledgment")
            events = self._deframer.feed(data)
            self._acks.extend(event.payload for event in events if isinstance(event, Block))
        return self._acks.popleft()
