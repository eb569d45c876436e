"""Omron's US cloud: measurements since a day, by form; notices without a signature or data.

Source: the requests of two published clients (connect/authorize, connect/token, api/measurement).
"""

import base64
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from wherry.codec import encode
from wherry_devices.sandbox import oauth
from wherry_devices.sandbox.deps import Deps, deps
from wherry_devices.sandbox.gate import for_person, said
from wherry_devices.sandbox.state import Person, Reading

VENDOR = "omron"
bp = Blueprint(VENDOR, __name__, url_prefix=f"/{VENDOR}")

_LIVES_S = 3600


@bp.get("/connect/authorize")
def authorize() -> Answer:
    """Where a person consents."""
    return oauth.authorize(VENDOR)


@bp.post("/prd/connect/token")
def tokens() -> Response:
    """Tokens by the standard, and an id_token that says for whom."""
    return oauth.token(VENDOR, _LIVES_S, more=_id_token)


def _id_token(account: str) -> dict[str, str]:
    parts = ({"alg": "none"}, {"sub": account})
    text = ".".join(base64.urlsafe_b64encode(encode(one)).rstrip(b"=").decode() for one in parts)
    return {"id_token": f"{text}."}


@bp.post("/prd/connect/revocation")
def revoke() -> Response:
    """Ends a consent."""
    return oauth.revoke(VENDOR)


@bp.post("/prd/api/measurement")
@for_person(VENDOR, lambda: said({"message": "Authorization has been denied"}, 401))
def measurement(person: Person) -> Response:
    """Readings of `since` and later by the clock on the wall; `truncated` when there are more."""
    try:
        since = date.fromisoformat(request.form.get("since", ""))
        limit = int(request.form.get("limit") or deps().page_size)
    except ValueError:
        return said({"status": 1, "reason": "since is a day", "errorCode": 400})
    wanted = sorted(
        (one for one in person.readings if one.kind == "bp" and one.at.date() >= since),
        key=lambda one: (one.at, one.id),
        reverse=request.form.get("sortOrder") == "desc",
    )
    told = [blood_pressure(one) for one in wanted[:limit]]
    result = {
        "truncated": len(wanted) > limit,
        "bloodPressure": told,
        "activity": [],
        "measurementCount": len(told),
    }
    return said({"status": 0, "result": result})


def blood_pressure(one: Reading) -> dict[str, Any]:
    """A reading as Omron tells it."""
    offset = one.at.utcoffset() or timedelta()
    return {
        "id": one.id,
        "dateTime": _utc(one),
        "dateTimeLocal": one.at.strftime("%Y-%m-%dT%H:%M:%S"),
        "dateTimeUtcOffset": _offset(offset),
        "systolic": int(one.values["systolic"]),
        "diastolic": int(one.values["diastolic"]),
        "bloodPressureUnits": "mmHg",
        "pulse": int(one.values["pulse"]) if "pulse" in one.values else None,
        "pulseUnits": "bpm",
        "deviceType": one.model or "HEM-9210T",
        **one.extra,
    }


def tell(needs: Deps, person: Person, one: Reading) -> list[int]:
    """Say whose readings changed, and when."""
    body = encode({"id": person.account, "timestamp": _utc(one)})
    headers = {"Content-Type": "application/json"}
    return [needs.send(address, body, headers) for address in person.callbacks]


def _utc(one: Reading) -> str:
    return (one.at - (one.at.utcoffset() or timedelta())).strftime("%Y-%m-%dT%H:%M:%SZ")


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
