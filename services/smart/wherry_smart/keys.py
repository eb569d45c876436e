"""A data directory becomes the two keys of this host, each made once and readable by it alone."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry_smart.protocol.client import new_key

SEAL_BYTES = 32


def client_key(directory: Path) -> Callable[[], ECKey]:
    """The key that signs client assertions; read, or made, when it is first asked for."""

    @cache
    def key() -> ECKey:
        pem = kept(directory / "client-key.pem", lambda: new_key().as_pem(private=True))
        try:
            return ECKey.import_key(pem)
        except (JoseError, ValueError):
            raise Failure(
                Kind.FAULT, "the client's key file cannot be read", at="data_dir"
            ) from None

    return key


def seal_key(directory: Path, given: SecretStr | None) -> Callable[[], bytes]:
    """The key that seals sessions: of the settings, else of the data directory."""

    @cache
    def key() -> bytes:
        text = (
            given.get_secret_value().encode()
            if given is not None
            else kept(directory / "seal-key", lambda: base64.b64encode(_random()))
        )
        try:
            raw = base64.b64decode(text.strip(), validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != SEAL_BYTES:
            raise Failure(Kind.FAULT, "the sealing key is 32 bytes in base64", at="seal_key")
        return raw

    return key


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
