"""Withings' cloud: answers are 200 with a status, tokens have an action, notices are forms.

Source: developer.withings.com, api-reference: oauth2, signature, measure-getmeas, notify, user
getdevice; response status.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from wherry.errors import Failure, Kind
from wherry_devices.sandbox import oauth
from wherry_devices.sandbox.deps import Deps, deps
from wherry_devices.sandbox.faults import TOKENS
from wherry_devices.sandbox.gate import for_person, said
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from wherry_devices.sandbox.paging import page
from wherry_devices.sandbox.state import Person, Reading

VENDOR = "withings"
bp = Blueprint(VENDOR, __name__, url_prefix=f"/{VENDOR}")

_LIVES_S = 10800
_INVALID_TOKEN, _INVALID_PARAMS, _WRONG_ACTION = 401, 503, 2555
# kind: value's name, type, exponent of ten
_TYPES: dict[str, tuple[tuple[str, int, int], ...]] = {
    "bp": (("systolic", 10, 0), ("diastolic", 9, 0), ("pulse", 11, 0)),
    "heart_rate": (("value", 11, 0),),
    "weight": (("value", 1, -3),),
    "spo2": (("value", 54, 0),),
    "body_temp": (("value", 71, -3),),
}
_APPLI = {"weight": "1", "body_temp": "2", "bp": "4", "heart_rate": "4", "spo2": "4"}


@bp.get("/oauth2_user/authorize2")
def authorize() -> Answer:
    """Where a person consents."""
    return oauth.authorize(VENDOR)


@bp.post("/v2/oauth2")
def tokens() -> Response:
    """requesttoken, or revoke with a signature over a nonce."""
    if trouble := deps().faults.strike(VENDOR, TOKENS):
        return trouble
    actions: dict[str, Callable[[], Response]] = {"requesttoken": _request, "revoke": _revoke}
    action = actions.get(request.form.get("action", ""))
    return action() if action else _status(_WRONG_ACTION, "unknown action")


def _request() -> Response:
    try:
        made = oauth.granted(VENDOR, request.form, _LIVES_S)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            kind = request.form.get("grant_type", "").replace("authorization_code", "code")
            return _status(_INVALID_PARAMS, f"Invalid Params: invalid {kind}")
        return _status(_INVALID_PARAMS, "Invalid Params: invalid client_id/secret")
    told = {
        "userid": made.who[1],
        "access_token": made.access,
        "refresh_token": made.refresh,
        "scope": request.form.get("scope", "user.info,user.metrics"),
        "expires_in": made.lives_s,
        "token_type": "Bearer",
    }
    return _good(told)


def _revoke() -> Response:
    nonce = request.form.get("nonce", "")
    if not _signed("revoke", nonce) or deps().grants.codes.pop(f"nonce {nonce}", None) is None:
        return _status(_INVALID_PARAMS, "Invalid Params: signature or nonce")
    deps().grants.revoke((VENDOR, request.form.get("userid", "")))
    return _good({})


@bp.post("/v2/signature")
def nonce() -> Response:
    """getnonce: a word that one signed request may use."""
    if not _signed("getnonce", request.form.get("timestamp", "")):
        return _status(_INVALID_PARAMS, "Invalid Params: signature")
    made = deps().grants.consented((VENDOR, ""), "", "")
    deps().grants.codes[f"nonce {made}"] = deps().grants.codes.pop(made)
    return _good({"nonce": made})


def _signed(action: str, value: str) -> bool:
    right = hmac.digest(
        CLIENT_SECRET.encode(), f"{action},{CLIENT_ID},{value}".encode(), sha256
    ).hex()
    return hmac.compare_digest(right, request.form.get("signature", ""))


def _data() -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    return for_person(
        VENDOR, lambda: _status(_INVALID_TOKEN, "XRequestID: Not provided invalid_token")
    )


@bp.post("/measure")
@_data()
def measure(person: Person) -> Response:
    """getmeas by time of change, oldest change first, `more` and `offset` while there are more."""
    if request.form.get("action") != "getmeas":
        return _status(_WRONG_ACTION, "unknown action")
    since = int(request.form.get("lastupdate") or 0)
    found = [one for one in person.told() if int(one.modified.timestamp()) >= since]
    part, after = page(VENDOR, found, int(request.form.get("offset") or 0))
    body: dict[str, Any] = {
        "updatetime": _seconds(deps().state.now()),
        "timezone": person.zone,
        "measuregrps": [group(one) for one in part],
    }
    return _good({**body, "more": 1, "offset": after} if after else body)


@bp.post("/v2/user")
@_data()
def user(person: Person) -> Response:
    """getdevice: what the person measures with."""
    names = {one.device: one for one in person.told()}
    told = [
        {
            "type": "Scale" if one.kind == "weight" else "Blood Pressure Monitor",
            "battery": "high",
            "model": one.model or "Sandbox",
            "model_id": 5,
            "timezone": person.zone,
            "first_session_date": None,
            "last_session_date": _seconds(one.at),
            "deviceid": name,
            "hash_deviceid": name,
        }
        for name, one in sorted(names.items())
    ]
    return _good({"devices": told})


@bp.post("/notify")
@_data()
def notify(person: Person) -> Response:
    """subscribe, list, revoke: addresses that are told when something is new."""
    form = request.form
    address = form.get("callbackurl", "")
    wanted = f"{form.get('appli', '')} {address}"
    if form.get("action") == "subscribe":
        if len(address) > 255 or deps().send(address, b"", {}) != 200:
            return _status(_INVALID_PARAMS, "Invalid Params: callbackurl")
        person.callbacks = [*dict.fromkeys([*person.callbacks, wanted])]
        return _good({})
    if form.get("action") == "revoke":
        person.callbacks = [one for one in person.callbacks if one != wanted]
        return _good({})
    profiles = [one.partition(" ") for one in person.callbacks]
    return _good({"profiles": [_profile(appli, address) for appli, _, address in profiles]})


def _profile(appli: str, address: str) -> dict[str, Any]:
    return {"appli": int(appli), "callbackurl": address, "expires": 2147483647, "comment": ""}


def group(one: Reading) -> dict[str, Any]:
    """A reading as a measure group."""
    changed = _seconds(one.modified)
    measures = [
        _measure(one.values[name], type_, unit)
        for name, type_, unit in _TYPES[one.kind]
        if name in one.values
    ]
    return {
        "grpid": one.id,
        "attrib": 2 if one.manual else 0,
        "date": _seconds(one.at),
        "created": changed,
        "modified": changed,
        "category": 1,
        "deviceid": None if one.manual else one.device,
        "hash_deviceid": None if one.manual else one.device,
        "measures": measures,
        "modelid": None,
        "model": one.model or None,
        "comment": None,
        **one.extra,
    }


def _measure(value: Decimal, type_: int, unit: int) -> dict[str, Any]:
    whole = value.scaleb(-unit).to_integral_value()
    return {"value": int(whole), "type": type_, "unit": unit, "algo": 0, "fm": 3}


def tell(needs: Deps, person: Person, one: Reading, *, deleted: bool = False) -> list[int]:
    """Send the form that says whose readings changed, to who asked for this kind."""
    form = {
        "userid": person.account,
        "appli": _APPLI[one.kind],
        "startdate": str(_seconds(one.at)),
        "enddate": str(_seconds(one.at) + 1),
        **({"action": "delete"} if deleted else {}),
    }
    body = urlencode(form).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    wanted = [name.partition(" ") for name in person.callbacks]
    return [
        needs.send(address, body, headers) for appli, _, address in wanted if appli == form["appli"]
    ]


def _good(body: dict[str, Any]) -> Response:
    return said({"status": 0, "body": body})


def _status(status: int, error: str) -> Response:
    """200 with a status of its own, whatever happened."""
    return said({"status": status, "body": {}, "error": error})


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
