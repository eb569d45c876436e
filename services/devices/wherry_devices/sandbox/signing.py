"""ECDSA P-256 as Tink writes it: a keyset in JSON, and signatures with the key's id before them.

Source: Tink, wire format; ecdsa.proto.
"""

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from wherry.codec import encode

KEY_ID = 20260301
_SIZE = 33  # one byte more than P-256 needs, so that the number never looks negative
_PARAMS = bytes([0x12, 6, 0x08, 3, 0x10, 2, 0x18, 2])  # SHA-256, P-256, DER


def keyset(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half."""
    numbers = key.public_key().public_numbers()
    x, y = (one.to_bytes(_SIZE, "big") for one in (numbers.x, numbers.y))
    message = _PARAMS + bytes([0x1A, _SIZE]) + x + bytes([0x22, _SIZE]) + y
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
        "value": base64.b64encode(message).decode(),
        "keyMaterialType": "ASYMMETRIC_PUBLIC",
    }
    one = {"keyData": data, "status": "ENABLED", "keyId": KEY_ID, "outputPrefixType": "TINK"}
    return encode({"primaryKeyId": KEY_ID, "key": [one]})


def signature(key: ec.EllipticCurvePrivateKey, body: bytes) -> str:
    """A signature over a body, in base64."""
    der = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(b"\x01" + KEY_ID.to_bytes(4, "big") + der).decode()
