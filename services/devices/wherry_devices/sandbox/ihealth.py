"""iHealth's OpenAPI v2: tokens and client in the query, the clock on the wall in epoch seconds.

Source: developer.ihealthlabs.com, OpenAPI v2 (userauthorization, bp.json, weight.json, spo2.json,
glucose.json).
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from wherry.errors import Failure
from wherry_devices.sandbox import oauth
from wherry_devices.sandbox.deps import deps
from wherry_devices.sandbox.faults import DATA, TOKENS
from wherry_devices.sandbox.gate import asked, said
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from wherry_devices.sandbox.paging import page
from wherry_devices.sandbox.state import Person, Reading

VENDOR = "ihealth"
SC, SV = "sandbox-sc", "sandbox-sv"
bp = Blueprint(VENDOR, __name__, url_prefix=f"/{VENDOR}")

_LIVES_S = 3672000
_PAGE = 50
# file: kind, list, unit of the list
_FILES: dict[str, tuple[str, str, dict[str, int]]] = {
    "bp.json": ("bp", "BPDataList", {"BPUnit": 0}),
    "weight.json": ("weight", "WeightDataList", {"WeightUnit": 0}),
    "spo2.json": ("spo2", "BODataList", {}),
    "glucose.json": ("glucose", "BGDataList", {"BGUnit": 0}),
}
_FIELDS: dict[str, dict[str, str]] = {
    "bp": {"systolic": "HP", "diastolic": "LP", "pulse": "HR"},
    "weight": {"value": "WeightValue"},
    "spo2": {"value": "BO", "pulse": "HR"},
    "glucose": {"value": "BG"},
}


@bp.get("/OpenApiV2/OAuthv2/userauthorization/")
def authorization() -> Answer:
    """One address for both: a person's consent, and tokens."""
    query = request.args
    if query.get("response_type") == "code":
        return oauth.authorize(VENDOR)
    if trouble := deps().faults.strike(VENDOR, TOKENS):
        return trouble
    form = {**query.to_dict(), "grant_type": query.get("grant_type") or "refresh_token"}
    try:
        made = oauth.granted(VENDOR, form, _LIVES_S)
    except Failure:
        return _error(1005, "The code or refresh token is invalid")
    told = {
        "APIName": query.get("APIName", "OpenApiBP OpenApiWeight OpenApiSpO2 OpenApiBG"),
        "AccessToken": made.access,
        "Expires": made.lives_s,
        "RefreshToken": made.refresh,
        "RefreshTokenExpires": made.lives_s * 2,
        "UserID": made.who[1],
        "client_para": "",
    }
    return said(told)


@bp.get("/openapiv2/user/<account>/<file>/")
def data(account: str, file: str) -> Response:
    """Readings of one kind by the clock on the wall, fifty a page."""
    if trouble := deps().faults.strike(VENDOR, DATA):
        return trouble
    query = request.args
    client = query.get("client_id"), query.get("client_secret")
    if client != (CLIENT_ID, CLIENT_SECRET) or (query.get("sc"), query.get("sv")) != (SC, SV):
        return _error(1001, "client_id, client_secret, sc or sv is wrong")
    try:
        person = asked(VENDOR, query.get("access_token", ""))
    except Failure:
        return _error(1009, "The access token is invalid")
    if person.account != account or file not in _FILES:
        return _error(1003, "no such user or data")
    with deps().state.lock:
        return _page_of(person, file)


def _page_of(person: Person, file: str) -> Response:
    kind, list_, unit = _FILES[file]
    query = request.args
    start, end = int(query.get("start_time") or 0), int(query.get("end_time") or 1 << 40)
    wanted = sorted(
        (one for one in person.readings if one.kind == kind and start <= _wall(one.at) <= end),
        key=lambda one: (one.at, one.id),
    )
    number = int(query.get("page_index") or 1)
    size = min(_PAGE, deps().page_size)
    part, after = page(VENDOR, wanted, (number - 1) * size, size)
    following = {**query.to_dict(), "page_index": str(number + 1)}
    body: dict[str, Any] = {
        list_: [record(one) for one in part],
        **unit,
        "CurrentRecordCount": len(part),
        "NextPageUrl": f"{request.base_url}?{urlencode(following)}" if after else "",
        "PageLength": size,
        "PageNumber": number,
        "PrevPageUrl": "",
        "RecordCount": len(wanted),
    }
    return said(body)


def record(one: Reading) -> dict[str, Any]:
    """A reading as iHealth tells it."""
    offset = one.at.utcoffset() or timedelta()
    fields = _FIELDS[one.kind]
    more = {"IsArr": -1, "BPL": 1} if one.kind == "bp" else {}
    return {
        **{fields[name]: _number(value) for name, value in one.values.items() if name in fields},
        **more,
        "DataID": f"{one.id:032x}",
        "DataSource": "Manual" if one.manual else "FromDevice",
        "LastChangeTime": int(one.modified.timestamp()),
        "MDate": _wall(one.at),
        "Note": "",
        "TimeZone": _zone(offset),
        **one.extra,
    }


def _wall(at: datetime) -> int:
    offset = at.utcoffset() or timedelta()
    return int(at.timestamp() + offset.total_seconds())


def _zone(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def _number(value: Decimal) -> Decimal | int:
    return int(value) if value == value.to_integral_value() else value


def _error(code: int, text: str) -> Response:
    return said({"Error": text, "ErrorCode": code, "ErrorDescription": text}, 400)
