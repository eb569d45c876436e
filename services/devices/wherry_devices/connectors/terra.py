"""Terra: samples of many kinds lie apart in lists, and only the name of its list says of which."""

from collections.abc import Iterator
from typing import Any

from wherry.codec import decode as json

_DEEPEST = 6
_TIMES = ("timestamp", "measurement_time", "start_timestamp")
_ZERO = ("+00:00", "Z")
_LOCAL = 1
_NAMELESS = "samples"


def decode(body: bytes) -> Any:
    """Samples under `samples`, each with `of`, the name of its list, and what is said of the whole.

    A list that is only called samples goes by the name of what it stands in. A local time without
    an offset, or with one of zero, is the clock on the wall: `floating`.
    `upload` is the type of the payload and how it was taken down, whose numbers differ by type.
    Source: github.com/tryterra/openapi, data models; timestamp_localization 1 is local time.
    """
    payload = json(body)
    event = payload if isinstance(payload, dict) else {}
    user, data = event.get("user"), event.get("data")
    if not isinstance(user, dict) or not isinstance(data, list):
        return payload
    type_ = str(event.get("type", ""))
    samples = [
        sample for one in data if isinstance(one, dict) for sample in _samples(one, user, type_)
    ]
    return {"type": type_, "user": user, "samples": samples}


def _samples(one: dict[str, Any], user: dict[str, Any], type_: str) -> Iterator[dict[str, Any]]:
    metadata, device = (_object(one.get(name)) for name in ("metadata", "device_data"))
    about = {
        "user": user.get("user_id"),
        "device": device.get("serial_number"),
        "model": device.get("name") or user.get("provider"),
        "upload": f"{type_}-{metadata.get('upload_type', '')}",
    }
    local = metadata.get("timestamp_localization") == _LOCAL
    for name, sample in _lists(one, "", _DEEPEST):
        at = next((str(sample[time]) for time in _TIMES if time in sample), "")
        bare = at.endswith(_ZERO) or len(at) <= len("2026-03-01T07:00:00.000000")
        way = "floating" if local and bare else "at"
        yield {**sample, **about, "of": name, way: at}


def _lists(value: dict[str, Any], inside: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects that have a time, in lists at any place, with the name of the list."""
    for name, inner in value.items() if depth else ():
        if isinstance(inner, dict):
            yield from _lists(inner, name, depth - 1)
        elif isinstance(inner, list):
            yield from (
                (inside if name == _NAMELESS else name, one)
                for one in inner
                if isinstance(one, dict) and any(time in one for time in _TIMES)
            )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
