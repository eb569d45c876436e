"""Omron's US cloud: all blood pressures since a day, and notices that only name an account.

Source: the requests of two published clients (connect/token, api/measurement with since, type and
sortOrder; a list that is too long says `truncated`); OpenID Connect Core 1.0, 3.1.3.7.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_devices.mapping.names import name_of
from wherry_devices.vendors import oauth
from wherry_devices.vendors.changing import digest
from wherry_devices.vendors.protocol import (
    Answer,
    Notice,
    Page,
    Pages,
    Request,
    TokenStyle,
    Vendor,
    ask,
    malformed,
)

LATE = timedelta(days=30)
"""How long after it was taken a measurement is still looked for: cuffs are read by a phone."""
_MOST_PAGES = 1000
_ACCOUNT = "account"
_STANDARD = oauth.by_standard()


def start(since: datetime) -> str:
    """The cursor of everything that was measured since that day."""
    return f"{since.date()}/"


def pages(account: str, cursor: str, now: datetime) -> Pages:
    """The measurements of the last thirty days, if any of them is new or different.

    A cursor is `since/digest`: the day to ask from, by the clock on the wall, and what was found
    then. The list is fetched to its end before any of it is kept. Raises: Failure as of
    `protocol.accepted`.
    """
    since, _, known = cursor.partition("/")
    asked_from, bodies = date.fromisoformat(since), []
    for _ in range(_MOST_PAGES):
        result = yield from _asked(asked_from)
        readings = result["bloodPressure"]
        if readings:
            bodies.append(encode({"status": 0, "result": result, "userid": account}))
        if not result.get("truncated"):
            break
        asked_from = _further(asked_from, readings)
    else:
        raise malformed("the vendor's list has no end")
    found = digest(bodies)
    after = f"{max(date.fromisoformat(since), (now - LATE).date())}/"
    fresh = bodies if found != known else []
    for body in fresh[:-1]:
        yield Page(body, cursor)
    # the day moved on: what falls out of the list makes another digest
    is_same_list = after == f"{since}/"
    yield Page(fresh[-1] if fresh else b"", after + (found if is_same_list else ""))


def noticed(payload: Any) -> Sequence[Notice]:
    """Whose measurements a notification tells of."""
    account = name_of(payload.get("id")) if isinstance(payload, dict) else ""
    return (Notice(account),) if account else ()


def _asked(since: date) -> Any:
    form = {
        "type": "bloodpressure",
        "since": str(since),
        "sortOrder": "asc",
        "includeHourlyActivity": "false",
    }
    body = yield from ask(Request("POST", "/prd/api/measurement", form=form))
    result = body.get("result") if isinstance(body, dict) and body.get("status") == 0 else None
    if not isinstance(result, dict) or not isinstance(result.get("bloodPressure"), list):
        raise malformed("the vendor's answer holds no measurements")
    return result


def _further(since: date, readings: Sequence[Any]) -> date:
    """The day to go on from. Raises: Failure(UNPROCESSABLE) when the list stands still."""
    try:
        last = max(date.fromisoformat(one["dateTimeLocal"][:10]) for one in readings)
    except (KeyError, TypeError, ValueError):
        raise malformed("the vendor's list cannot be gone on with") from None
    if last <= since:
        raise malformed("the vendor's list does not go on")
    return last


def _members(answer: Answer) -> Mapping[str, Any]:
    """The standard's members, and the account that the id_token names.

    It came from the token endpoint itself, so that its signature says nothing more.
    """
    members = _STANDARD.members(answer)
    try:
        claims = str(members["id_token"]).split(".")[1]
        said = decode(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return {**members, _ACCOUNT: name_of(said["sub"])}
    except (KeyError, IndexError, TypeError, ValueError, binascii.Error, Failure):
        return members


OMRON = Vendor(
    source="omron",
    title="Omron",
    api="https://prd-oauth.ohiomron.com",
    tokens="https://prd-oauth.ohiomron.com",
    consent="https://prd-oauth-website.ohiomron.com/connect/authorize",
    token_path="/prd/connect/token",  # noqa: S106 - an address
    scopes=("bloodpressure", "openid", "offline_access"),
    style=TokenStyle(_STANDARD.request, _members),
    pages=pages,
    start=start,
    account=_ACCOUNT,
    noticed=noticed,
)
