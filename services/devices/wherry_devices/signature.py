"""A request's raw bytes and headers become a verdict on its signature."""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

GOOD = "good"
MISSING, STALE, WRONG = "missing", "stale", "wrong"


class Headers(Protocol):
    """The headers of a request, whatever case their names are in."""

    def get(self, name: str, default: str, /) -> str:
        """One header, or the default."""
        ...


_DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one source signs: HMAC-SHA256 over timestamp, `joint` and the body as it was sent.

    Any of the secrets may have signed: two of them let a sender change from one to the other.
    """

    secrets: Sequence[bytes] = field(repr=False)
    header: str = "X-Wherry-Signature"
    prefix: str = ""
    encoding: str = "hex"
    timestamp_header: str = "X-Wherry-Timestamp"
    timestamp_unit: str = "s"
    joint: str = "."
    window_s: float = 300.0


def verdict(scheme: Scheme, headers: Headers, body: bytes, *, now: datetime) -> str:
    """GOOD, or why the request is refused: MISSING, STALE or WRONG.

    A request that is repeated within the window is GOOD again; it changes nothing a second time.
    """
    timestamp = headers.get(scheme.timestamp_header, "")
    given = _decoded(headers.get(scheme.header, ""), scheme)
    if given is None or not _DIGITS.fullmatch(timestamp):
        return MISSING
    signed = timestamp.encode() + scheme.joint.encode() + body
    matches = [hmac.compare_digest(_mac(secret, signed), given) for secret in scheme.secrets]
    if not any(matches):
        return WRONG
    sent_s = int(timestamp) / (1000 if scheme.timestamp_unit == "ms" else 1)
    return GOOD if abs(now.timestamp() - sent_s) <= scheme.window_s else STALE


def _mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(secret, signed, "sha256")


def _decoded(text: str, scheme: Scheme) -> bytes | None:
    if not text.startswith(scheme.prefix):
        return None
    text = text.removeprefix(scheme.prefix)
    try:
        found = bytes.fromhex(text) if scheme.encoding == "hex" else _base64(text)
    except (ValueError, binascii.Error):
        return None
    return found or None


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
