"""Google Health v4: data points by type and time, whole numbers as texts, signed webhooks.

Source: developers.google.com/health: REST v4 users.dataTypes.dataPoints.list, users.getIdentity,
projects.subscribers.create; webhooks; endpoints, filters.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_devices.sandbox import oauth
from wherry_devices.sandbox.deps import Deps, deps
from wherry_devices.sandbox.gate import for_person, said
from wherry_devices.sandbox.paging import page
from wherry_devices.sandbox.signing import keyset, signature
from wherry_devices.sandbox.state import Person, Reading, Subscriber

VENDOR = "google-health"
bp = Blueprint(VENDOR, __name__, url_prefix=f"/{VENDOR}")

_LIVES_S = 3599
_MOST = 10000
# kind: data type, its field, the field of the number, whether it is an int64 and therefore a text
_TYPES: dict[str, tuple[str, str, str, bool]] = {
    "heart_rate": ("heart-rate", "heartRate", "beatsPerMinute", True),
    "weight": ("weight", "weight", "weightGrams", False),
    "spo2": ("oxygen-saturation", "oxygenSaturation", "percentage", False),
    "glucose": ("blood-glucose", "bloodGlucose", "bloodGlucoseMilligramsPerDeciliter", False),
}
# Types that nobody here measures: lists of them are empty
_EMPTY = frozenset(
    {"core-body-temperature", "body-fat", "daily-resting-heart-rate", "heart-rate-variability"}
)
_TOLD_OF = frozenset({"heart-rate", "weight", "blood-glucose"})
_TERM = re.compile(r'(\w+)\.sample_time\.physical_time (>=|<) "([^"]+)"', re.ASCII)


@bp.get("/o/oauth2/v2/auth")
def authorize() -> Answer:
    """Where a person consents."""
    return oauth.authorize(VENDOR)


@bp.post("/token")
def tokens() -> Response:
    """Tokens by the standard; a refresh token stays good."""
    return oauth.token(VENDOR, _LIVES_S, keep_refresh=True)


@bp.post("/revoke")
def revoke() -> Response:
    """Ends a consent."""
    return oauth.revoke(VENDOR)


def _error(status: int, word: str) -> Response:
    return said({"error": {"code": status, "message": "see status", "status": word}}, status)


_data = for_person(VENDOR, lambda: _error(401, "UNAUTHENTICATED"))


@bp.get("/v4/users/me/identity")
@_data
def identity(person: Person) -> Response:
    """Whose token it is."""
    return said({"name": "users/me/identity", "healthUserId": person.account})


@bp.get("/v4/users/me/dataTypes/<type_>/dataPoints")
@_data
def data_points(person: Person, type_: str) -> Response:
    """Points of one type, the newest first, by a filter on the time of the sample."""
    if type_ in _EMPTY:
        return said({})
    kinds = [kind for kind, (name, *_) in _TYPES.items() if name == type_]
    window = _window(type_.replace("-", "_"), request.args.get("filter", ""))
    token = request.args.get("pageToken", "")
    if not kinds or window is None or not (token.isdecimal() or not token):
        return _error(400, "INVALID_ARGUMENT")
    wanted = sorted(
        (
            one
            for one in person.readings
            if one.kind == kinds[0] and window[0] <= one.at < window[1]
        ),
        key=lambda one: (one.at, one.id),
        reverse=True,
    )
    size = min(int(request.args.get("pageSize") or deps().page_size), _MOST, deps().page_size)
    part, after = page(VENDOR, wanted, int(token or 0), size)
    body: dict[str, Any] = {"dataPoints": [point(person, one) for one in part]} if part else {}
    return said({**body, "nextPageToken": str(after)} if after else body)


def _window(name: str, text: str) -> tuple[datetime, datetime] | None:
    """From and to; None for a filter that is not understood."""
    window = {">=": datetime.min.replace(tzinfo=UTC), "<": datetime.max.replace(tzinfo=UTC)}
    for term in filter(None, text.split(" AND ")):
        found = _TERM.fullmatch(term)
        if found is None or found[1] != name:
            return None
        try:
            window[found[2]] = datetime.fromisoformat(found[3])
        except ValueError:
            return None
    return window[">="], window["<"]


def point(person: Person, one: Reading) -> dict[str, Any]:
    """A reading as a data point."""
    type_, field, number, text = _TYPES[one.kind]
    value = one.values["value"] * (1000 if one.kind == "weight" else 1)
    offset = one.at.utcoffset() or timedelta()
    return {
        "name": f"users/{person.account}/dataTypes/{type_}/dataPoints/{one.id}",
        "dataSource": {
            "recordingMethod": "MANUAL" if one.manual else "PASSIVELY_MEASURED",
            "platform": "FITBIT",
            "device": {"displayName": one.model or "Sandbox", "formFactor": "WATCH"},
        },
        field: {
            "sampleTime": {
                "physicalTime": _utc(one.at),
                "utcOffset": f"{int(offset.total_seconds())}s",
            },
            number: str(int(value)) if text else value,
        },
        **one.extra,
    }


@bp.post("/v4/projects/<project>/subscribers")
def subscribe(project: str) -> Response:
    """Register an address, if it lets in who says what it should and nobody else."""
    asked = decode(request.get_data())
    try:
        address = str(asked["endpointUri"])
        told = str(asked["endpointAuthorization"]["secret"])
    except (KeyError, TypeError):
        raise Failure(Kind.INVALID, "endpointUri and endpointAuthorization.secret") from None
    test, json = encode({"type": "verification"}), {"Content-Type": "application/json"}
    good = deps().send(address, test, {**json, "Authorization": told})
    bad = deps().send(address, test, json)
    if good not in (200, 201) or bad not in (401, 403):
        return _error(400, "FAILED_PRECONDITION")
    deps().state.subscribers.append(Subscriber(address, told))
    name = f"projects/{project}/subscribers/{len(deps().state.subscribers)}"
    return said({"name": name, "endpointUri": address, "state": "ACTIVE"})


@bp.get("/keyset.json")
def public_keys() -> Response:
    """What webhooks are signed with, as a Tink keyset."""
    return Response(keyset(deps().key), content_type="application/json")


def tell(needs: Deps, person: Person, one: Reading, *, deleted: bool = False) -> list[int]:
    """Send a signed webhook about the minute of a reading."""
    type_ = _TYPES[one.kind][0]
    if type_ not in _TOLD_OF:
        return []
    interval = {"startTime": _utc(one.at), "endTime": _utc(one.at + timedelta(minutes=1))}
    data = {
        "version": "1",
        "clientProvidedSubscriptionName": "",
        "healthUserId": person.account,
        "operation": "DELETE" if deleted else "UPSERT",
        "dataType": type_,
        "intervals": [{"physicalTimeInterval": interval}],
    }
    body = encode([{"data": data}])
    headers = {
        "Content-Type": "application/json",
        "X-HEALTHAPI-SIGNATURE": signature(needs.key, body),
    }
    return [
        needs.send(each.address, body, {**headers, "Authorization": each.authorization})
        for each in needs.state.subscribers
    ]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
