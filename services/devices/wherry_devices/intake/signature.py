"""A request's raw bytes and headers become a verdict on its signature."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wherry_devices.intake import tink

GOOD = "good"
MISSING, STALE, WRONG = "missing", "stale", "wrong"


class Headers(Protocol):
    """The headers of a request, whatever case their names are in."""

    def get(self, name: str, default: str, /) -> str:
        """One header, or the default."""
        ...


class Keysets(Protocol):
    """The public keys of a vendor that changes them."""

    def holding(self, key_id: int) -> bytes:
        """The keyset as it is now, asked for anew when it is old or lacks this key.

        Raises: Failure(UNAVAILABLE) when there is none, or none newer can be had just now.
        """
        ...


_DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one source signs. Any of two secrets may have: a sender changes from one to the other.

    By `style`: "timestamp" is an HMAC-SHA256 over timestamp, `joint` and the body as it was sent;
    "body" one over the body alone; "terra" and "svix" are as these two write them; "tink" is ECDSA
    with a keyset as secret; "key" is no signature but a secret in a header. `other_header` is where
    a vendor's documents also say the signature to be; `authorization` holds what that header may
    say, where a vendor sends it along. `keysets` has the keys of one that changes them.
    """

    secrets: Sequence[bytes] = field(repr=False)
    header: str = "X-Wherry-Signature"
    prefix: str = ""
    encoding: str = "hex"
    timestamp_header: str = "X-Wherry-Timestamp"
    timestamp_unit: str = "s"
    joint: str = "."
    window_s: float = 300.0
    style: str = "timestamp"
    other_header: str = ""
    authorization: Sequence[bytes] = field(default=(), repr=False)
    keysets: Keysets | None = field(default=None, repr=False)


# Source: the vendors' documents on webhooks. A sender of style "body", "tink" or "key" may be heard
# again at any time: what it says twice changes nothing.
VENDORS: Mapping[str, Mapping[str, str]] = {
    "terra": {"style": "terra", "header": "terra-signature"},
    "junction": {"style": "svix", "header": "svix-signature", "timestamp_header": "svix-timestamp"},
    "google-health": {
        "style": "tink",
        "header": "X-HEALTHAPI-SIGNATURE",
        "other_header": "GOOGLE-HEALTH-API-SIGNATURE",
    },
    "tenovi": {"style": "key", "header": "Authorization", "prefix": "Api-Key "},
    "oura": {"header": "x-oura-signature", "timestamp_header": "x-oura-timestamp", "joint": ""},
    "whoop": {
        "header": "X-WHOOP-Signature",
        "timestamp_header": "X-WHOOP-Signature-Timestamp",
        "timestamp_unit": "ms",
        "encoding": "base64",
        "joint": "",
    },
    "polar": {"style": "body", "header": "Polar-Webhook-Signature"},
    "suunto": {"style": "body", "header": "X-HMAC-SHA256-Signature"},
}
"""What is different from a plain `Scheme` for each vendor that signs."""


def verdict(scheme: Scheme, headers: Headers, body: bytes, *, now: datetime) -> str:
    """GOOD, or why the request is refused: MISSING, STALE or WRONG.

    A request that is repeated within the window is GOOD again; it changes nothing a second time.
    """
    return _STYLES[scheme.style](scheme, headers, body, now.timestamp())


def _timestamped(scheme: Scheme, headers: Headers, body: bytes, now_s: float) -> str:
    timestamp = headers.get(scheme.timestamp_header, "")
    given = _decoded(headers.get(scheme.header, ""), scheme)
    if given is None or not _DIGITS.fullmatch(timestamp):
        return MISSING
    signed = timestamp.encode() + scheme.joint.encode() + body
    if not _any(scheme.secrets, signed, [given]):
        return WRONG
    sent_s = int(timestamp) / (1000 if scheme.timestamp_unit == "ms" else 1)
    return _in_time(scheme, sent_s, now_s)


def _body(scheme: Scheme, headers: Headers, body: bytes, _: float) -> str:
    given = _decoded(headers.get(scheme.header, ""), scheme)
    if given is None:
        return MISSING
    return GOOD if _any(scheme.secrets, body, [given]) else WRONG


def _terra(scheme: Scheme, headers: Headers, body: bytes, now_s: float) -> str:
    """`t=<seconds>,v1=<hex>` over `<seconds>.<body>`. Source: docs.tryterra.co, webhooks."""
    parts = [part.partition("=") for part in headers.get(scheme.header, "").split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    given = [_decoded(value, Scheme(())) for name, _, value in parts if name.strip() == "v1"]
    known = [one for one in given if one is not None]
    if len(times) != 1 or not _DIGITS.fullmatch(times[0]) or not known:
        return MISSING
    if not _any(scheme.secrets, times[0].encode() + b"." + body, known):
        return WRONG
    return _in_time(scheme, int(times[0]), now_s)


def _svix(scheme: Scheme, headers: Headers, body: bytes, now_s: float) -> str:
    """`v1,<base64>` over `<id>.<seconds>.<body>`. Source: Standard Webhooks 1.0."""
    id_, timestamp = headers.get("svix-id", ""), headers.get(scheme.timestamp_header, "")
    base64_ = Scheme((), encoding="base64", prefix="v1,")
    given = [_decoded(one, base64_) for one in headers.get(scheme.header, "").split()]
    known = [one for one in given if one is not None]
    if not id_ or not _DIGITS.fullmatch(timestamp) or not known:
        return MISSING
    secrets = [_unwrapped(secret) for secret in scheme.secrets]
    signed = f"{id_}.{timestamp}.".encode() + body
    if not _any(secrets, signed, known):
        return WRONG
    return _in_time(scheme, int(timestamp), now_s)


def _unwrapped(secret: bytes) -> bytes:
    """`whsec_` is base64 of the key; anything else is the key itself."""
    if not secret.startswith(_WRAPPED):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(_WRAPPED), validate=True)
    except (ValueError, binascii.Error):
        return secret


def _tink(scheme: Scheme, headers: Headers, body: bytes, _: float) -> str:
    given = signature_of(scheme, headers)
    if not given or (scheme.authorization and authorized(scheme, headers) == WRONG):
        return WRONG if given else MISSING
    return GOOD if any(tink.signed(keyset, given, body) for keyset in scheme.secrets) else WRONG


def signature_of(scheme: Scheme, headers: Headers) -> str:
    """What stands in the one header or in the other; empty for none."""
    other = headers.get(scheme.other_header, "") if scheme.other_header else ""
    return headers.get(scheme.header, "") or other


def authorized(scheme: Scheme, headers: Headers) -> str:
    """Whether Authorization says what the vendor was told to send: GOOD, MISSING or WRONG."""
    given = headers.get("Authorization", "").encode("utf-8", "surrogatepass")
    if not given:
        return MISSING
    return (
        GOOD if True in [hmac.compare_digest(one, given) for one in scheme.authorization] else WRONG
    )


def _key(scheme: Scheme, headers: Headers, body: bytes, _: float) -> str:
    del body
    given = headers.get(scheme.header, "")
    if not given.startswith(scheme.prefix):
        return MISSING
    text = given.removeprefix(scheme.prefix).encode("utf-8", "surrogatepass")
    return GOOD if True in [hmac.compare_digest(one, text) for one in scheme.secrets] else WRONG


_STYLES: Mapping[str, Callable[[Scheme, Headers, bytes, float], str]] = {
    "timestamp": _timestamped,
    "body": _body,
    "terra": _terra,
    "svix": _svix,
    "tink": _tink,
    "key": _key,
}
_WRAPPED = b"whsec_"


def _in_time(scheme: Scheme, sent_s: float, now_s: float) -> str:
    return GOOD if abs(now_s - sent_s) <= scheme.window_s else STALE


def _any(secrets: Sequence[bytes], signed: bytes, given: Sequence[bytes]) -> bool:
    """Whether one of the secrets made one of the codes; all are compared, in constant time."""
    matches = [hmac.compare_digest(_mac(key, signed), one) for key in secrets for one in given]
    return any(matches)


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
