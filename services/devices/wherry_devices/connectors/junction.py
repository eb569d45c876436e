"""Junction: an event wraps points that know neither their kind nor where they came from."""

from typing import Any

from wherry.codec import decode as json

_FLOATING = frozenset({"abbott_libreview", "freestyle_libre", "fitbit"})
_ZERO = ("+00:00", "Z")


def decode(body: bytes) -> Any:
    """Points under `points`, each with `kind`, `user` and `provider` of its event.

    `measured` is the kind, then what the source is, as glucose:automatic. A summary is one point
    with a `date`; an event without data is a notice. A provider that knows no zone writes +00:00
    and means the clock on the wall: its time goes to `floating`, unless the point names its offset.
    Source: docs.junction.com, event data, floating time; github.com/tryVital/vital-python, types.
    """
    payload = json(body)
    event = payload if isinstance(payload, dict) else {}
    data, named = event.get("data"), str(event.get("event_type", "")).split(".")
    if not isinstance(data, dict) or len(named) < len(("data", "kind", "created")):
        return payload
    source: dict[str, Any] = data["source"] if isinstance(data.get("source"), dict) else {}
    provider = str(source.get("provider") or source.get("slug") or data.get("provider") or "")
    kind, type_ = named[-2], str(source.get("type") or data.get("source_type") or "")
    about = {
        "kind": kind,
        "measured": f"{kind}:{type_}" if type_ else kind,
        "user": event.get("user_id"),
        "device": source.get("device_id"),
        "provider": provider,
        "source_type": type_,
    }
    out = {"event": event.get("event_type")}
    points = data.get("data")
    if isinstance(points, list):
        return {**out, "points": [_told(one, about, provider) for one in points]}
    if "calendar_date" in data:
        rest = {name: value for name, value in data.items() if name != "source"}
        return {**out, "points": [{**rest, **about, "date": data["calendar_date"]}]}
    return {**out, "notice": True}


def _told(point: Any, about: dict[str, Any], provider: str) -> Any:
    if not isinstance(point, dict):
        return point
    at = str(point.get("timestamp") or point.get("start") or "")
    bare = point.get("timezone_offset") is None and at.endswith(_ZERO)
    return {**point, **about, ("floating" if provider in _FLOATING and bare else "at"): at}
