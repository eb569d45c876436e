"""Withings: getmeas by time of change, tokens with an action, and 200 for whatever happens.

Source: developer.withings.com, api-reference (measure-getmeas, oauth2, signature, response
status) and the integration guide's page on access and refresh tokens.
"""

import hmac
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_devices.mapping.names import name_of
from wherry_devices.vendors import oauth
from wherry_devices.vendors.protocol import (
    Answer,
    Asking,
    Client,
    Notice,
    Page,
    Pages,
    Request,
    TokenStyle,
    Vendor,
    accepted,
    busy,
    malformed,
)

OVERLAP_S = 600
"""Seconds that each fetch goes back behind the last one, by the vendor's clock."""
_MOST_PAGES = 1000
_DIGITS = 16
_OK, _BUSY = 0, 601
_TOKEN = frozenset({100, 101, 102, 200, 401, 214, 277, 2553, 2554, 2555})
_AWAY = frozenset({522, 524})
_INVALID_PARAMS = 503  # said of a refresh token or a code that is over, too
_TOKEN_WORDS = ("refresh_token", "invalid code", "authorization code")
_NOTICES = ("1", "2", "4", "46")
_DOUBTFUL = "46"  # the person changed something about the account, or unlinked it


def start(since: datetime) -> str:
    """The cursor of everything that was changed since then."""
    return str(int(since.timestamp()))


def pages(account: str, cursor: str, _now: datetime) -> Pages:
    """What was measured, edited or uploaded since the cursor, page by page.

    A cursor is `lastupdate`, or within a run `lastupdate/offset/updatetime` of its first page, so
    that a run that was cut off goes on; behind `~` a digest of the groups that came last: when they
    come again, because of the overlap, there is nothing new to keep.
    Raises: Failure as of `protocol.accepted`.
    """
    place, _, seen = cursor.partition("~")
    since, offset, began = _read(place)
    for _ in range(_MOST_PAGES):
        form = {"action": "getmeas", "category": "1", "lastupdate": str(since)}
        if offset:
            form["offset"] = str(offset)
        body = yield from _asked(Request("POST", "/measure", form=form))
        groups = body.get("measuregrps")
        if not isinstance(groups, list):
            raise malformed("the vendor's answer holds no measure groups")
        began = began or _whole(body.get("updatetime"))
        offset = _whole(body.get("offset")) if body.get("more") else 0
        after = f"{since}/{offset}/{began}" if offset else str(max(since, began - OVERLAP_S))
        before, seen = seen, _digest(groups)
        told = {"status": _OK, "body": body, "userid": account}
        is_new = seen not in {"", before}
        yield Page(encode(told) if is_new else b"", f"{after}~{seen}" if seen else after)
        if not offset:
            return


def revoke(client: Client, account: str, _refresh_token: str, now: datetime) -> Asking[None]:
    """End the consent: a signed request, for which a nonce has to be signed for first."""
    at = str(int(now.timestamp()))
    signed = _signed(client, "getnonce", "timestamp", at)
    body = yield from _asked(Request("POST", "/v2/signature", form=signed))
    nonce = body.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise malformed("the vendor's answer holds no nonce")
    form = {**_signed(client, "revoke", "nonce", nonce), "userid": account}
    yield from _asked(Request("POST", "/v2/oauth2", form=form, host="tokens"))


def subscribe(address: str) -> Asking[None]:
    """Ask for notices of weight, temperature, pressure with pulse, and of the account itself."""
    for appli in _NOTICES:
        form = {"action": "subscribe", "callbackurl": address, "appli": appli}
        yield from _asked(Request("POST", "/notify", form=form))


def noticed(payload: Any) -> Sequence[Notice]:
    """Whose measurements a notification tells of."""
    form = payload.get("notification") if isinstance(payload, dict) else None
    account = name_of(form.get("userid")) if isinstance(form, dict) else ""
    if not account or not isinstance(form, dict):
        return ()
    return (Notice(account, in_doubt=form.get("appli") == _DOUBTFUL),)


def _asked(request: Request) -> Generator[Any, Answer | None, dict[str, Any]]:
    """The body of an answer whose own status says that all is well."""
    answer = yield request
    told = accepted(answer)
    assert answer is not None  # noqa: S101 - `accepted` refuses None; for the type checker
    return _opened(told, answer)


def _opened(told: Any, answer: Answer) -> dict[str, Any]:
    """Raises: Failure for a status that is not 0. Source: api-reference, response status."""
    status = told.get("status") if isinstance(told, dict) else None
    if status in _TOKEN:
        raise Failure(Kind.UNAUTHENTICATED, "the vendor does not take the token")
    if status == _BUSY:
        raise busy(answer)
    if status in _AWAY:
        raise Failure(Kind.UNAVAILABLE, "the vendor says that it timed out")
    body = told.get("body") if status == _OK else None
    if not isinstance(body, dict):
        raise malformed("the vendor's answer has an unknown status, or no body")
    return body


def _token_request(path: str, client: Client, form: Mapping[str, str]) -> Request:
    named = {"action": "requesttoken", "client_id": client.id, "client_secret": client.secret}
    return Request("POST", path, form={**named, **form}, host="tokens")


def _members(answer: Answer) -> Mapping[str, Any]:
    told = accepted(answer)
    status = told.get("status") if isinstance(told, dict) else None
    said = str(told.get("error", "")).lower() if isinstance(told, dict) else ""
    if status in _TOKEN or (
        status == _INVALID_PARAMS and any(words in said for words in _TOKEN_WORDS)
    ):
        raise oauth.over()
    if status in (_OK, _BUSY) or status in _AWAY:
        return _opened(told, answer)
    raise Failure(Kind.FORBIDDEN, "the vendor refuses this client")


def _signed(client: Client, action: str, name: str, value: str) -> dict[str, str]:
    """Source: developer guide, Sign your requests: the values, in the order of their names."""
    text = f"{action},{client.id},{value}"
    signature = hmac.digest(client.secret.encode(), text.encode(), sha256).hex()
    return {"action": action, "client_id": client.id, name: value, "signature": signature}


def _read(cursor: str) -> tuple[int, int, int]:
    parts = [int(part) for part in cursor.split("/")] if cursor else [0]
    since, offset, began = (*parts, 0, 0)[:3]
    return since, offset, began


def _digest(groups: Sequence[Any]) -> str:
    return sha256(encode(groups)).hexdigest()[:_DIGITS] if groups else ""


def _whole(said: Any) -> int:
    text = name_of(said)
    return int(text) if text.isascii() and text.isdigit() else 0


WITHINGS = Vendor(
    source="withings",
    title="Withings",
    api="https://wbsapi.withings.net",
    tokens="https://wbsapi.withings.net",
    consent="https://account.withings.com/oauth2_user/authorize2",
    token_path="/v2/oauth2",  # noqa: S106 - an address
    scopes=("user.info", "user.metrics"),
    style=TokenStyle(_token_request, _members),
    pages=pages,
    start=start,
    account="userid",
    revoke=revoke,
    subscribe=subscribe,
    noticed=noticed,
    scope_joint=",",
    per_minute=120,
)
"""An old refresh token works for eight hours more, or until the new access token is used."""
