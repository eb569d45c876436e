"""A file becomes a secret of this host, made once and readable by it alone."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from wherry.errors import Failure, Kind

SEAL_BYTES = 32


def seal_keys(directory: Path, given: SecretStr | None) -> Callable[[], tuple[bytes, ...]]:
    """The keys that seal sessions: of the settings, else of the data directory.

    The first seals, all open, so that a key can be changed without ending sessions.
    """

    @cache
    def keys() -> tuple[bytes, ...]:
        text = (
            given.get_secret_value().encode()
            if given is not None
            else kept(directory / "seal-key", lambda: base64.b64encode(_random()))
        )
        found = tuple(map(_raw, text.split()))
        if not found or any(len(raw) != SEAL_BYTES for raw in found):
            raise Failure(Kind.FAULT, "a sealing key is 32 bytes in base64", at="seal_key")
        return found

    return keys


def secret_of(directory: Path) -> Callable[[str], str]:
    """The client secret in a file of this name; it is put there by a person.

    Raises: Failure(FAULT) when it is not there or others may read it.
    """

    def secret(name: str) -> str:
        path = directory / name
        if not path.exists():
            raise Failure(Kind.FAULT, "the file of the client's secret is not there", at=name)
        return kept(path, bytes).decode(errors="replace").strip()

    return secret


def _raw(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes; it is made when it is not there, whole or not at all, by one process.

    Raises: Failure(FAULT) when it cannot be written or others may read it.
    """
    try:
        if not path.exists():
            _make(path, make())
        if path.stat().st_mode & 0o077:
            raise Failure(Kind.FAULT, "others may read the key file: chmod 600", at=path.name)
        return path.read_bytes()
    except OSError as error:
        raise Failure(Kind.FAULT, f"no key file: {error.strerror}", at=path.name) from None


def _make(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its key counts
    finally:
        draft.unlink()


def _random() -> bytes:
    return secrets.token_bytes(SEAL_BYTES)
