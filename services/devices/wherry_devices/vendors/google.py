"""Google Health v4: data points of each type by the time of the sample, in windows.

Source: developers.google.com/health: REST v4 users.dataTypes.dataPoints.list, users.getIdentity;
data types; endpoints (filters, paging); rate limits; webhooks.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.codec import encode
from wherry_devices.mapping.names import name_of
from wherry_devices.vendors import oauth
from wherry_devices.vendors.google_types import TYPES, Type, filter_of, times
from wherry_devices.vendors.protocol import (
    Asking,
    Notice,
    Page,
    Pages,
    Request,
    Vendor,
    ask,
    malformed,
)

_PAGE_SIZE = "1000"
_MOST_PAGES = 1000
_OVERLAP = timedelta(hours=1)
_READONLY = "https://www.googleapis.com/auth/googlehealth.{}.readonly"


def start(since: datetime) -> str:
    """The cursor of everything that was measured since then."""
    return _cursor("", [int((since + _OVERLAP).timestamp())] * len(TYPES))


def pages(account: str, cursor: str, now: datetime) -> Pages:
    """What was measured since the newest that is known of each type, an hour before it included.

    A cursor is `day|t,t,...`: a time in seconds for each type, and on which day they were set back
    for a second device that told later than the first. A time moves on with a window's last page,
    because the newest points come first. Raises: Failure as of `protocol.accepted`.
    """
    day, _, texts = cursor.partition("|")
    marks = [int(text) for text in texts.split(",")]
    marks += [min(marks)] * (len(TYPES) - len(marks))
    today = str(now.astimezone(UTC).date())
    if day < today:
        late = [int(one.late.total_seconds()) if day else 0 for one in TYPES]
        marks = [mark - back for mark, back in zip(marks, late, strict=True)]
        yield Page(b"", _cursor(today, marks))
    for number, type_ in enumerate(TYPES):
        at = datetime.fromtimestamp(marks[number], UTC) - _OVERLAP
        while at < now:
            after = min(at + type_.window, now)
            token, newest = "", marks[number]
            for _ in range(_MOST_PAGES):
                points, token = yield from _asked(type_, at, after, token)
                newest = max([newest, *times(points, type_)])
                if not token:  # a gap may still be filled, by what a device tells late
                    marks[number] = max(newest, int(min(after, now - type_.late).timestamp()))
                told = encode({"dataPoints": points, "userid": account}) if points else b""
                yield Page(told, _cursor(today, marks))
                if not token:
                    break
            else:
                raise malformed("the vendor's list has no end")
            at = after


def whose() -> Asking[str]:
    """The account as webhooks name it."""
    body = yield from ask(Request("GET", "/v4/users/me/identity"))
    account = name_of(body.get("healthUserId")) if isinstance(body, dict) else ""
    if not account:
        raise malformed("the vendor's answer names no account")
    return account


def noticed(payload: Any) -> Sequence[Notice]:
    """Whose measurements webhooks tell of, each once."""
    told = payload.get("notifications") if isinstance(payload, dict) else None
    data = [one.get("data") for one in told or () if isinstance(one, dict)]
    found = [name_of(one.get("healthUserId")) for one in data if isinstance(one, dict)]
    return [Notice(account) for account in dict.fromkeys(found) if account]


def _asked(type_: Type, at: datetime, after: datetime, token: str) -> Any:
    """The points of one page, and the token of the next. An empty list is left out by Google."""
    query = {"filter": filter_of(type_, at, after), "pageSize": _PAGE_SIZE}
    if token:
        query["pageToken"] = token
    path = f"/v4/users/me/dataTypes/{type_.id}/dataPoints"
    body = yield from ask(Request("GET", path, query=query))
    points = body.get("dataPoints", []) if isinstance(body, dict) else None
    if not isinstance(points, list):
        raise malformed("the vendor's answer holds no data points")
    return points, str(body.get("nextPageToken") or "")


def _cursor(swept: str, marks: Sequence[int]) -> str:
    return f"{swept}|{','.join(str(one) for one in marks)}"


GOOGLE = Vendor(
    source="google-health",
    title="Google Health",
    api="https://health.googleapis.com",
    tokens="https://oauth2.googleapis.com",
    consent="https://accounts.google.com/o/oauth2/v2/auth",
    token_path="/token",  # noqa: S106 - an address
    scopes=(_READONLY.format("health_metrics_and_measurements"),),
    style=oauth.by_standard(),
    pages=pages,
    start=start,
    whose=whose,
    revoke=oauth.revoking("/revoke"),
    noticed=noticed,
    consent_extra={"access_type": "offline", "prompt": "consent"},
    pkce=True,
    per_minute=300,
)
