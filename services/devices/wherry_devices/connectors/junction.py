"""Junction: an event wraps points that know neither their kind nor where they came from."""

from typing import Any

from wherry.codec import decode as json

_FLOATING = frozenset({"abbott_libreview", "freestyle_libre", "fitbit"})
_ZERO = ("+00:00", "Z")


def decode(body: bytes) -> Any:
    """Points under `points`, each with `kind`, `user` and `provider` of its event.

    A provider that knows no zone writes +00:00 and means the clock on the wall: its time goes to
    `floating`. Source: docs.junction.com, event data and floating time.
    """
    payload = json(body)
    event = payload if isinstance(payload, dict) else {}
    data = event.get("data")
    points = data.get("data") if isinstance(data, dict) else None
    if not isinstance(points, list) or not isinstance(data, dict):
        return payload
    source: dict[str, Any] = data["source"] if isinstance(data.get("source"), dict) else {}
    provider = str(source.get("provider") or source.get("slug") or data.get("provider") or "")
    named = str(event.get("event_type", "")).split(".")
    about = {
        "kind": named[-2] if len(named) > 1 else "",
        "user": event.get("user_id"),
        "provider": provider,
        "source_type": source.get("type"),
    }
    return {
        "points": [_told(one, about, provider) for one in points],
        "event": event.get("event_type"),
    }


def _told(point: Any, about: dict[str, Any], provider: str) -> Any:
    if not isinstance(point, dict):
        return point
    at = str(point.get("timestamp", ""))
    floating = provider in _FLOATING and at.endswith(_ZERO)
    return {**point, **about, ("floating" if floating else "at"): at}
