"""Dexcom, API v3: dataRange says what is new since the last time, egvs give it in windows.

Source: developer.dexcom.com, dexcomv3 (endpoint overview, dataRange with lastSyncTime, egvs),
authentication, request rate limits.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.codec import encode
from wherry_devices.mapping.names import name_of
from wherry_devices.vendors import oauth
from wherry_devices.vendors.protocol import Asking, Page, Pages, Request, Vendor, ask, malformed

_RANGE, _EGVS = "/v3/users/self/dataRange", "/v3/users/self/egvs"
_WINDOW = timedelta(days=1)
_INSIDE = timedelta(seconds=1)  # endDate itself is left out
_OVERLAP = timedelta(minutes=10)  # our clock is not Dexcom's


def start(since: datetime) -> str:
    """The cursor of everything that was measured since then."""
    return f"/{_text(since)}"


def pages(account: str, cursor: str, now: datetime) -> Pages:
    """What came since the last time, however late, a day of measurements a page.

    A cursor is `synced/from` before a run, within it `synced/from/to/began`: the first goes to
    dataRange, the others let a run that was cut off go on. Windows are never longer than the
    thirty days that Dexcom allows. Raises: Failure as of `protocol.accepted`.
    """
    synced, since, until, began = [*cursor.split("/"), "", "", ""][:4]
    if not until:
        began = _text(now - _OVERLAP)
        found = yield from _range(synced)
        if found is None:
            yield Page(b"", f"{began}/")
            return
        first, last = found
        at = max(first, _time(since)) if since else first
        end = last + _INSIDE
        if at >= end:  # all that is there was measured before we are to begin
            yield Page(b"", f"{began}/")
            return
    else:
        at, end = _time(since), _time(until)
    while at < end:
        after = min(at + _WINDOW, end)
        query = {"startDate": _plain(at), "endDate": _plain(after)}
        body = yield from ask(Request("GET", _EGVS, query=query))
        records = body.get("records") if isinstance(body, dict) else None
        if not isinstance(records, list):
            raise malformed("the vendor's answer holds no records")
        at = after
        rest = f"{synced}/{_text(at)}/{_text(end)}/{began}" if at < end else f"{began}/"
        yield Page(encode({**body, "userId": account}) if records else b"", rest)


def whose() -> Asking[str]:
    """The account: every answer names it, the token's does not."""
    body = yield from ask(Request("GET", _RANGE))
    account = name_of(body.get("userId")) if isinstance(body, dict) else ""
    if not account:
        raise malformed("the vendor's answer names no account")
    return account


def _range(synced: str) -> Any:
    """First and last measurement of what is new since `synced`; None when there is nothing."""
    query = {"lastSyncTime": synced} if synced else {}
    body = yield from ask(Request("GET", _RANGE, query=query))
    if not isinstance(body, dict):
        raise malformed("the vendor's answer is no range")
    egvs = body.get("egvs")
    if not egvs:
        return None
    try:
        return tuple(_time(egvs[end]["systemTime"]) for end in ("start", "end"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise malformed("the vendor's range has no times") from None


def _time(text: str) -> datetime:
    """A time of Dexcom's, which is UTC whether it says so or not."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(at: datetime) -> str:
    return _text(at).removesuffix("Z")


DEXCOM = Vendor(
    source="dexcom",
    title="Dexcom",
    api="https://api.dexcom.com",
    tokens="https://api.dexcom.com",
    consent="https://api.dexcom.com/v2/oauth2/login",
    token_path="/v2/oauth2/token",  # noqa: S106 - an address
    scopes=("offline_access",),
    style=oauth.by_standard(),
    pages=pages,
    start=start,
    whose=whose,
    per_minute=1000,
    interval_s=300.0,
)
