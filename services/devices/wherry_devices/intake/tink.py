"""A keyset in Tink's JSON becomes ECDSA keys by id. Source: Tink, wire format and ecdsa.proto."""

import base64
import binascii
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from wherry.codec import decode
from wherry.errors import Failure, Kind

_TYPE = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
_X, _Y = 3, 4
_START, _ID = 1, 4
_BYTES_FIELD = 2


def keys(keyset: bytes) -> Mapping[int, ec.EllipticCurvePublicKey]:
    """The enabled P-256 keys of a keyset. Raises: Failure(INVALID) when it is not one."""
    try:
        found = {
            int(one["keyId"]): _key(base64.b64decode(one["keyData"]["value"], validate=True))
            for one in decode(keyset)["key"]
            if one["status"] == "ENABLED" and one["keyData"]["typeUrl"] == _TYPE
        }
    except (KeyError, TypeError, ValueError, IndexError):
        raise Failure(Kind.INVALID, "no Tink keyset with ECDSA keys", at="signatures") from None
    if not found:
        raise Failure(Kind.INVALID, "a Tink keyset without an enabled key", at="signatures")
    return found


def key_id(signature: str) -> int | None:
    """The id of the key that a signature names; None for what is none."""
    parts = _parts(signature)
    return parts[0] if parts else None


def signed(keyset: bytes, signature: str, body: bytes) -> bool:
    """Whether one of these keys signed the body."""
    parts = _parts(signature)
    key = keys(keyset).get(parts[0]) if parts else None
    if parts is None or key is None:
        return False
    try:
        key.verify(parts[1], body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _parts(signature: str) -> tuple[int, bytes] | None:
    """A byte 1, four of the key's id, then DER."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(raw) <= _START + _ID or raw[0] != 1:
        return None
    return int.from_bytes(raw[_START : _START + _ID], "big"), raw[_START + _ID :]


def _key(message: bytes) -> ec.EllipticCurvePublicKey:
    fields = dict(_fields(message))
    x, y = (int.from_bytes(fields[name], "big") for name in (_X, _Y))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protobuf message that are bytes; numbers are passed over."""
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        size, at = _number(message, at)
        if tag & 7 == _BYTES_FIELD:
            yield tag >> 3, message[at : at + size]
            at += size


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while message[at] & 0x80:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | message[at] << shift, at + 1
