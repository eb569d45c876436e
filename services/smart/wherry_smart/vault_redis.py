"""Sealed values in Redis: names as hashes, values under AES-256-GCM, both gone after their time."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wherry.errors import Failure, Kind

_NONCE_BYTES = 12
_PREFIX = "wherry:smart"


class RedisVault:
    """Keeps the `Vault` port's contract.

    The key of the entry is authenticated with its value: an entry that was copied under another
    name does not open. One that does not open, after a change of key say, is as if it were gone.
    """

    def __init__(self, client: redis.Redis, key: Callable[[], bytes]) -> None:
        self._client = client
        self._key = key

    def put(self, kind: str, name: str, value: bytes, *, life_s: int) -> None:
        """Keep a value under a secret name. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key()).encrypt(nonce, value, entry.encode())
        with _redis():
            self._client.set(entry, sealed, ex=life_s)

    def take(self, kind: str, name: str) -> bytes | None:
        """The value, once: whoever asks next gets None. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        with _redis():
            return self._open(entry, self._client.getdel(entry))

    def get(self, kind: str, name: str) -> bytes | None:
        """The value. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        with _redis():
            return self._open(entry, self._client.get(entry))

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        with _redis():
            self._client.ping()

    def _open(self, entry: str, sealed: object) -> bytes | None:
        if not isinstance(sealed, bytes):
            return None
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key()).decrypt(nonce, body, entry.encode())
        except (InvalidTag, ValueError):
            return None


def _entry(kind: str, name: str) -> str:
    return f"{_PREFIX}:{kind}:{hashlib.sha256(name.encode()).hexdigest()}"


@contextmanager
def _redis() -> Iterator[None]:
    try:
        yield
    except redis.RedisError:
        raise Failure(Kind.UNAVAILABLE, "sessions cannot be kept right now", at="redis") from None
