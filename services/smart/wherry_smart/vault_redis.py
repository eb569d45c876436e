"""Sealed values in Redis: names as hashes, values under AES-256-GCM, both gone after their time."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import redis
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wherry.errors import Failure, Kind

_NONCE_BYTES = 12
_PREFIX = "wherry:smart"
_RELEASE = """
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0
"""


class RedisVault:
    """Keeps the contracts of the `Vault` and `Turns` ports.

    The first key seals, every key opens. The name of an entry is authenticated with its value: one
    that was copied under another name does not open. What does not open is as if it were gone.
    """

    def __init__(self, client: redis.Redis, keys: Callable[[], Sequence[bytes]]) -> None:
        self._client = client
        self._keys = keys

    def put(self, kind: str, name: str, value: bytes, *, life_s: int) -> None:
        """Keep a value under a secret name. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._keys()[0]).encrypt(nonce, value, entry.encode())
        with _redis():
            self._client.set(entry, sealed, ex=life_s)

    def take(self, kind: str, name: str) -> bytes | None:
        """The value, once: whoever asks next gets None. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        with _redis():
            return self._open(entry, self._client.getdel(entry))

    def get(self, kind: str, name: str, *, life_s: int = 0) -> bytes | None:
        """The value; if `life_s` is given it lives so long on. Raises: Failure(UNAVAILABLE)."""
        entry = _entry(kind, name)
        with _redis():
            found = self._client.getex(entry, ex=life_s) if life_s else self._client.get(entry)
            return self._open(entry, found)

    def drop(self, kind: str, name: str) -> None:
        """Forget it. Raises: Failure(UNAVAILABLE)."""
        with _redis():
            self._client.delete(_entry(kind, name))

    def claim(self, kind: str, name: str, *, life_s: int) -> str:
        """Be the only one for so long; what is returned gives it back. Empty: somebody else is.

        Raises: Failure(UNAVAILABLE).
        """
        token = os.urandom(16).hex()
        with _redis():
            taken = self._client.set(_entry(kind, name), token, nx=True, ex=life_s)
        return token if taken else ""

    def release(self, kind: str, name: str, token: str) -> None:
        """Give back what was claimed, if it is still ours. Raises: Failure(UNAVAILABLE)."""
        with _redis():
            self._client.eval(_RELEASE, 1, _entry(kind, name), token)

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        with _redis():
            self._client.ping()

    def _open(self, entry: str, sealed: object) -> bytes | None:
        if not isinstance(sealed, bytes):
            return None
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for key in self._keys():
            try:
                return AESGCM(key).decrypt(nonce, body, entry.encode())
            except (InvalidTag, ValueError):
                continue
        return None


def _entry(kind: str, name: str) -> str:
    return f"{_PREFIX}:{kind}:{hashlib.sha256(name.encode()).hexdigest()}"


@contextmanager
def _redis() -> Iterator[None]:
    try:
        yield
    except redis.RedisError:
        raise Failure(Kind.UNAVAILABLE, "sessions cannot be kept right now", at="redis") from None
