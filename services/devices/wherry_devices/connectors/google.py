"""Google Health: each data point says by the name of a field, and in a path, what it is."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from wherry.codec import decode as json

_ABOUT = frozenset({"name", "dataSource", "updateTime", "createTime", "dataPointName"})
_PATH = ("users", "dataTypes", "dataPoints")
_MYSELF = "me"


def decode(body: bytes) -> Any:
    """Data points with `user`, `point`, `type` and `said` beside what they hold.

    The user "me" is the one whom the answer's fetcher named as `userid` beside it, else nobody.
    A calendar day is a text in what is said. What notices say was deleted is under `withdrawn`.
    Source: developers.google.com/health, REST v4, users.dataTypes.dataPoints; google.type.Date.
    """
    payload = json(body)
    if isinstance(payload, list) and all(_notice(one) for one in payload):
        return {"notifications": payload, "withdrawn": list(_withdrawn(payload))}
    points = payload.get("dataPoints") if isinstance(payload, dict) else None
    if not isinstance(points, list):
        return payload
    asked_for = payload.get("userid", "")
    return {**payload, "dataPoints": [_laid_open(one, asked_for) for one in points]}


def _notice(one: Any) -> bool:
    data = one.get("data") if isinstance(one, dict) else None
    return isinstance(data, dict) and "healthUserId" in data


def _withdrawn(notices: list[Any]) -> Iterator[dict[str, Any]]:
    """Account, type as data points name it, start and end of each interval that was deleted."""
    for notice in notices:
        data = notice["data"]
        if data.get("operation") != "DELETE":
            continue
        first, *rest = str(data.get("dataType", "")).split("-")
        about = {"account": data["healthUserId"], "code": first + "".join(map(str.title, rest))}
        intervals = data.get("intervals")
        for one in intervals if isinstance(intervals, list) and intervals else [None]:
            physical = one.get("physicalTimeInterval") if isinstance(one, dict) else None
            times = physical if isinstance(physical, dict) else {}
            yield {**about, "start": times.get("startTime"), "end": times.get("endTime")}


def _laid_open(point: Any, asked_for: Any) -> Any:
    if not isinstance(point, dict):
        return point
    path = str(point.get("name", "")).split("/")
    named = dict(zip(path[::2], path[1::2], strict=False))
    user, _, id_ = (named.get(part, "") for part in _PATH)
    types = [name for name in point if name not in _ABOUT]
    type_ = types[0] if len(types) == 1 else ""
    told = {"point": id_, "type": type_, "said": _dated(point.get(type_))}
    return {**point, "user": asked_for if user == _MYSELF else user, **told}


def _dated(said: Any) -> Any:
    day = said.get("date") if isinstance(said, dict) else None
    if not isinstance(day, dict):
        return said
    parts: list[Any] = [day.get(name) for name in ("year", "month", "day")]
    try:
        return {**said, "date": date(*parts).isoformat()}
    except (TypeError, ValueError, OverflowError):  # a month without a day is no day
        return {**said, "date": None}
