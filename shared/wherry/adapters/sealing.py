"""Bodies become AES-256-GCM ciphertext that only opens in the row it was made for, and back."""

import hmac
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wherry.errors import Failure, Kind

CLEAR = ""
"""The key id of a body that is not encrypted."""

_SALT_BYTES = 16
_COUNT_BYTES = 4
_HEAD_BYTES = _SALT_BYTES + _COUNT_BYTES
_NONCE = b"wherry01"  # with the counter behind it, 96 bits

Seal = Callable[[bytes, str], bytes]


class Sealer:
    """The keys of the inbox: the first encrypts, all decrypt; without any, bodies stay clear.

    Each group of bodies has a key of its own, derived with a random salt, and a counter as nonce.
    So no nonce comes twice under a key, however many messages there are, however often a process
    forks and even when an old copy of the database is put back. Sealed: salt, counter, ciphertext.
    Source: NIST SP 800-38D §8.2.1 (deterministic nonces), SP 800-108r1 §4.1 (HMAC in counter mode).
    """

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = {key_id(key): key for key in keys}
        self.key_id = next(iter(self._keys), CLEAR)
        self._cipher = lru_cache(maxsize=256)(self._derived)

    def group(self) -> Seal:
        """Seals the bodies of one group: (body, identity of its row) → what is stored."""
        if self.key_id == CLEAR:
            return lambda body, _identity: body
        salt = os.urandom(_SALT_BYTES)
        cipher = self._derived(self.key_id, salt)
        count = 0

        def seal(body: bytes, identity: str) -> bytes:
            nonlocal count
            at = count.to_bytes(_COUNT_BYTES, "big")
            count += 1
            return salt + at + cipher.encrypt(_NONCE + at, body, identity.encode())

        return seal

    def open(self, key_id: str, stored: bytes, identity: str) -> bytes:
        """The body behind what is stored under this key id.

        Raises: Failure: UNAVAILABLE when the key is not among ours, FAULT when the row is not the
        one it was sealed for.
        """
        if key_id == CLEAR:
            return stored
        if key_id not in self._keys:
            raise Failure(
                Kind.UNAVAILABLE, "the key of a message is not in WHERRY_INBOX_KEY", at="inbox"
            )
        cipher = self._cipher(key_id, stored[:_SALT_BYTES])
        nonce = _NONCE + stored[_SALT_BYTES:_HEAD_BYTES]
        try:
            return cipher.decrypt(nonce, stored[_HEAD_BYTES:], identity.encode())
        except (InvalidTag, ValueError):
            raise Failure(
                Kind.FAULT, "the stored message was changed or moved; it cannot be read", at="inbox"
            ) from None

    def _derived(self, key_id: str, salt: bytes) -> AESGCM:
        fixed = b"\x00\x00\x00\x01wherry inbox body\x00" + salt
        return AESGCM(hmac.digest(self._keys[key_id], fixed, sha256))


NO_KEYS = Sealer()


def key_id(key: bytes) -> str:
    """Says which key it is and nothing about it."""
    return hmac.digest(key, b"wherry inbox key id", sha256).hex()[:16]
