"""Dexcom's cloud, API v3: by windows of at most thirty days, about an hour late, no notices.

Source: developer.dexcom.com, dexcomv3 endpoint overview; authentication.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from wherry_devices.sandbox import oauth
from wherry_devices.sandbox.gate import for_person, said
from wherry_devices.sandbox.state import Person, Reading

VENDOR = "dexcom"
bp = Blueprint(VENDOR, __name__, url_prefix=f"/{VENDOR}")

_LIVES_S = 7200
_MOST = timedelta(days=30)
_LOW, _HIGH = 40, 400


@bp.get("/v2/oauth2/login")
def authorize() -> Answer:
    """Where a person consents."""
    return oauth.authorize(VENDOR)


@bp.post("/v2/oauth2/token")
def tokens() -> Response:
    """Tokens by the standard."""
    return oauth.token(VENDOR, _LIVES_S)


_data = for_person(VENDOR, lambda: said({"fault": {"faultstring": "Invalid access token"}}, 401))


@bp.get("/v3/users/self/dataRange")
@_data
def data_range(person: Person) -> Response:
    """From when to when there is something; with `lastSyncTime` only of what came since."""
    since = request.args.get("lastSyncTime")
    found = [
        one for one in person.readings if not since or one.modified > datetime.fromisoformat(since)
    ]
    body: dict[str, Any] = {
        "recordType": "dataRange",
        "recordVersion": "3.0",
        "userId": person.account,
    }
    times = sorted(one.at for one in found)
    if times:
        body["egvs"] = {"start": _moment(times[0]), "end": _moment(times[-1])}
    return said(body)


@bp.get("/v3/users/self/egvs")
@_data
def egvs(person: Person) -> Response:
    """The glucose values of [startDate, endDate), the newest first as Dexcom has them."""
    window = _window()
    if window is None:
        return said({"errors": [{"code": "BadRequest"}]}, 400)
    found = sorted(
        (one for one in person.readings if window[0] <= one.at < window[1]),
        key=lambda one: (one.at, one.id),
        reverse=True,
    )
    return said({**_head("egv", person), "records": [egv(one) for one in found]})


@bp.get("/v3/users/self/devices")
@_data
def devices(person: Person) -> Response:
    """Transmitters and receivers."""
    names = {one.device: one for one in person.told()}
    records = [
        {
            "lastUploadDate": _text(one.modified),
            "transmitterId": name,
            "transmitterGeneration": one.model or "g7",
            "displayDevice": "iOS",
            "displayApp": "G7",
            "alertSchedules": [],
        }
        for name, one in sorted(names.items())
    ]
    return said({**_head("device", person), "records": records})


def egv(one: Reading) -> dict[str, Any]:
    """A reading as a record: what is off the scale is the scale's end and a status."""
    value = int(one.values["value"])
    status = "low" if value < _LOW else "high" if value > _HIGH else None
    return {
        "recordId": f"00000000-0000-4000-8000-{one.id:012d}",
        "systemTime": _text(one.at),
        "displayTime": one.at.isoformat(timespec="seconds"),
        "transmitterId": one.device,
        "transmitterTicks": one.id,
        "value": max(_LOW - 1, min(_HIGH + 1, value)),
        "trend": "flat",
        "trendRate": 0,
        "unit": "mg/dL",
        "rateUnit": "mg/dL/min",
        "displayDevice": "iOS",
        "transmitterGeneration": one.model or "g7",
        "displayApp": "G7",
        "status": status,
        **one.extra,
    }


def _window() -> tuple[datetime, datetime] | None:
    try:
        start, end = (
            datetime.fromisoformat(request.args.get(name, "")).replace(tzinfo=UTC)
            for name in ("startDate", "endDate")
        )
    except ValueError:
        return None
    return (start, end) if start < end <= start + _MOST else None


def _head(type_: str, person: Person) -> dict[str, Any]:
    return {"recordType": type_, "recordVersion": "3.0", "userId": person.account}


def _moment(at: datetime) -> dict[str, str]:
    return {"systemTime": _text(at), "displayTime": at.isoformat(timespec="seconds")}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
