"""Ids become other ids: the same ones within a call, and across calls where a secret is kept."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from pathlib import Path

from wherry_cds.simulate.redact import Pseudonym

_WEEKS = 520


def pseudonyms(secret: bytes) -> Pseudonym:
    """Ids by a keyed hash: who has no key finds no way back."""

    def made(id_: str) -> str:
        return f"x{hmac.digest(secret, id_.encode(), 'sha256').hex()[:24]}"

    return made


def shift(secret: bytes, patient: str) -> timedelta:
    """How far back this patient's times move: whole weeks, so that days of the week stay."""
    digest = hmac.digest(secret, b"shift " + patient.encode(), "sha256")
    return timedelta(weeks=-1 - int.from_bytes(digest[:4]) % _WEEKS)


def secret_of(path: Path | None) -> bytes:
    """The secret in this file, made when it is not there; without a file one that nobody keeps."""
    if path is None:
        return secrets.token_bytes(32)
    if not path.exists():
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(secrets.token_bytes(32))
    return hashlib.sha256(path.read_bytes()).digest()
