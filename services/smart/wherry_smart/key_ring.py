"""Key files become a ring: per algorithm the key that signs, the next one, and the one before.

A key is changed in three steps, each a command: publish the next, sign with it once every EHR has
had time to fetch it, remove the old one once no signature of it counts any more.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from wherry.errors import Failure, Kind
from wherry_smart.keys import kept
from wherry_smart.protocol.client import ES384, RS384, Key, new_key

CURRENT, NEXT, OLD = "current", "next", "old"
PLACES = (CURRENT, NEXT, OLD)
CACHE_S = 3600
"""Seconds for which EHRs may keep our keys: so long a new one has to be published before it signs.

Source: SMART App Launch 2.2, R303; Epic keeps them for as long as Cache-Control says.
"""

_FILES = {
    (ES384, CURRENT): "client-key.pem",
    (ES384, NEXT): "client-key-next.pem",
    (ES384, OLD): "client-key-old.pem",
    (RS384, CURRENT): "client-rsa.pem",
    (RS384, NEXT): "client-rsa-next.pem",
    (RS384, OLD): "client-rsa-old.pem",
}
_KINDS: Mapping[str, type[ECKey | RSAKey]] = {ES384: ECKey, RS384: RSAKey}


@dataclass(frozen=True, slots=True)
class Held:
    """One key of the ring, since when it is in its place."""

    algorithm: str
    place: str
    key: Key
    since_s: float


class KeyRing:
    """The keys of a data directory, read anew when a file changes; 0600, made when first needed."""

    def __init__(self, directory: Path, make: Callable[[str], Key] = new_key) -> None:
        self._directory = directory
        self._make = make
        self._read: dict[tuple[str, int], Key] = {}

    def signing(self, algorithm: str, kid: str = "") -> Key:
        """The key that signs: the current one, or the one that an EHR knows by this kid.

        Raises: Failure(FAULT) when the file is not right, or no key has this kid.
        """
        if kid:
            found = [each.key for each in self.held() if each.key.thumbprint() == kid]
            if not found:
                raise Failure(Kind.FAULT, "no key file holds the key of this kid", at="kid")
            return found[0]
        path = self._path(algorithm, CURRENT)
        kept(path, lambda: self._make(algorithm).as_pem(private=True))
        return self._key(algorithm, path)

    def public(self) -> Sequence[Key]:
        """All keys that an EHR may meet: the next ones before they sign, the old ones after."""
        self.signing(ES384)
        return [each.key for each in self.held()]

    def held(self) -> Sequence[Held]:
        """All keys that are there."""
        return [
            Held(algorithm, place, self._key(algorithm, path), path.stat().st_mtime)
            for algorithm, place in _FILES
            if (path := self._path(algorithm, place)).exists()
        ]

    def publish(self, algorithm: str) -> Key:
        """Make the next key. Raises: Failure(CONFLICT) when there is one."""
        path = self._path(algorithm, NEXT)
        if path.exists():
            raise Failure(Kind.CONFLICT, "the next key is published already", at=algorithm)
        kept(path, lambda: self._make(algorithm).as_pem(private=True))
        return self._key(algorithm, path)

    def promote(self, algorithm: str, *, now_s: float, at_once: bool = False) -> Key:
        """Sign with the next key from now on; the current one becomes the old one.

        Raises: Failure(CONFLICT) when there is no next one, when it was published too short ago,
        or when the old one was not removed yet.
        """
        next_, current = self._path(algorithm, NEXT), self._path(algorithm, CURRENT)
        old = self._path(algorithm, OLD)
        if not next_.exists():
            raise Failure(Kind.CONFLICT, "there is no next key: publish one first", at=algorithm)
        if old.exists():
            raise Failure(Kind.CONFLICT, "the old key is still there: retire it", at=algorithm)
        _wait(next_, now_s, at_once)
        if current.exists():
            current.rename(old)
            os.utime(old, (now_s, now_s))
        next_.rename(current)
        return self._key(algorithm, current)

    def retire(self, algorithm: str, *, now_s: float, at_once: bool = False) -> None:
        """Remove the old key. Raises: Failure(CONFLICT) when there is none, or it is too early."""
        old = self._path(algorithm, OLD)
        if not old.exists():
            raise Failure(Kind.CONFLICT, "there is no old key", at=algorithm)
        _wait(old, now_s, at_once)
        old.unlink()

    def _path(self, algorithm: str, place: str) -> Path:
        return self._directory / _FILES[algorithm, place]

    def _key(self, algorithm: str, path: Path) -> Key:
        """Read once for each version of the file."""
        version = (str(path), path.stat().st_mtime_ns)
        if version not in self._read:
            pem = kept(path, bytes)
            try:
                self._read[version] = _KINDS[algorithm].import_key(pem)
            except (JoseError, ValueError):
                raise Failure(
                    Kind.FAULT, "the client's key file cannot be read", at="data_dir"
                ) from None
        return self._read[version]


def _wait(path: Path, now_s: float, at_once: bool) -> None:
    left_s = CACHE_S - (now_s - path.stat().st_mtime)
    if left_s > 0 and not at_once:
        text = f"EHRs may still hold the keys as they were: wait {left_s / 60:.0f} minutes"
        raise Failure(Kind.CONFLICT, text, at=path.name)
