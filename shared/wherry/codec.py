"""JSON in and out with every decimal digit kept: 98.60 stays 98.60."""

from decimal import Decimal
from typing import Any

import msgspec

from wherry.errors import Failure, Kind

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(data: bytes | str) -> Any:
    """Read JSON; numbers with a fraction or exponent become `Decimal`.

    Raises: Failure(INVALID) when it is not JSON. The text is not repeated: it may name a patient.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Failure(Kind.INVALID, "not valid JSON") from None


def encode(value: Any) -> bytes:
    """Write JSON as UTF-8 bytes, decimals as JSON numbers with their digits."""
    return _encoder.encode(value)
