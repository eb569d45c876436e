"""Google Health: each data point says by the name of a field, and in a path, what it is."""

from typing import Any

from wherry.codec import decode as json

_ABOUT = frozenset({"name", "dataSource", "updateTime", "createTime", "dataPointName"})
_PATH = ("users", "dataTypes", "dataPoints")


def decode(body: bytes) -> Any:
    """Data points with `user`, `point`, `type` and `said` beside what they hold.

    Source: developers.google.com/health, REST v4, users.dataTypes.dataPoints.
    """
    payload = json(body)
    if isinstance(payload, list) and all(_notice(one) for one in payload):
        return {"notifications": payload}
    points = payload.get("dataPoints") if isinstance(payload, dict) else None
    if not isinstance(points, list):
        return payload
    return {**payload, "dataPoints": [_laid_open(one) for one in points]}


def _notice(one: Any) -> bool:
    data = one.get("data") if isinstance(one, dict) else None
    return isinstance(data, dict) and "healthUserId" in data


def _laid_open(point: Any) -> Any:
    if not isinstance(point, dict):
        return point
    path = str(point.get("name", "")).split("/")
    named = dict(zip(path[::2], path[1::2], strict=False))
    user, _, id_ = (named.get(part, "") for part in _PATH)
    types = [name for name in point if name not in _ABOUT]
    type_ = types[0] if len(types) == 1 else ""
    return {**point, "user": user, "point": id_, "type": type_, "said": point.get(type_)}
