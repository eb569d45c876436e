"""One module for each way in which a source writes its payloads: bytes in, plain data out.

No connector knows what a number means; templates do.
"""

from collections.abc import Callable, Mapping
from typing import Any

from wherry.codec import decode
from wherry_devices.connectors import apple, ble, google, junction, openmhealth, terra, withings

Decode = Callable[[bytes], Any]

DECODERS: Mapping[str, Decode] = {
    "apple-export": apple.decode,
    "ble-hub": ble.decode,
    "google-health": google.decode,
    "junction": junction.decode,
    "openmhealth": openmhealth.decode,
    "terra": terra.decode,
    "withings": withings.decode,
}
"""Sources whose payloads are more than JSON, or JSON whose parts have to be put together first."""

XML, FORM = "application/xml", "application/x-www-form-urlencoded"
MEDIA: Mapping[str, frozenset[str]] = {
    "apple-export": frozenset({XML, "text/xml"}),
    "withings": frozenset({FORM}),
}
"""What a source may send besides JSON."""


def decoded(source: str, body: bytes) -> Any:
    """A payload as plain data with exact numbers. Raises: Failure(INVALID) when it is not one."""
    return DECODERS.get(source, decode)(body)
