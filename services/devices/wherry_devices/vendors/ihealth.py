"""iHealth, OpenAPI v2: lists by the clock on the wall, with client and token in the query.

Source: developer.ihealthlabs.com, OpenAPI v2 (authentication; bp.json, weight.json, spo2.json and
glucose.json with sc, sv, start_time and page_index), and a published client of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_devices.vendors import oauth
from wherry_devices.vendors.changing import digest
from wherry_devices.vendors.protocol import (
    Answer,
    Client,
    Page,
    Pages,
    Request,
    TokenStyle,
    Vendor,
    malformed,
    plain,
    refuse_troubles,
)

LATE = timedelta(days=30)
"""How long after it was taken a measurement is still looked for."""
_FILES: Mapping[str, str] = {
    "bp": "BPDataList",
    "weight": "WeightDataList",
    "spo2": "BODataList",
    "glucose": "BGDataList",
}
"""What the template reads: the name of a file, and of the list in it."""
_AHEAD_S = 24 * 3600  # the wall may be ahead of UTC
_MOST_PAGES = 1000
_SCOPES = ("OpenApiBP", "OpenApiWeight", "OpenApiSpO2", "OpenApiBG")
_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_TOKEN_PATH = "/OpenApiV2/OAuthv2/userauthorization/"  # noqa: S105 - an address
# Source: RFC 6749, 5.1
_MEMBERS: Mapping[str, str] = {
    "AccessToken": "access_token",
    "RefreshToken": "refresh_token",
    "Expires": "expires_in",
    "APIName": "scope",
}


def start(since: datetime) -> str:
    """The cursor of everything that was measured since then; walls may be a day from UTC."""
    return f"{int(since.timestamp()) - _AHEAD_S}|"


def pages(account: str, cursor: str, now: datetime) -> Pages:
    """The measurements of the last thirty days of each list that is not as it was.

    A cursor is `start|d,d,...`: a time in seconds, and what was found of each list since then.
    A list is fetched to its end before any of it is kept. Raises: Failure: UNAUTHENTICATED when
    the token is refused, UNAVAILABLE, UNPROCESSABLE.
    """
    begin, _, texts = cursor.partition("|")
    known = dict(zip(_FILES, texts.split(","), strict=False))
    until = int(now.timestamp()) + _AHEAD_S
    moved = max(int(begin), int((now - LATE).timestamp()) // 86400 * 86400 - _AHEAD_S)
    for file, list_ in _FILES.items():
        bodies: list[bytes] = []
        for number in range(1, _MOST_PAGES):
            query = {"start_time": begin, "end_time": str(until), "page_index": str(number)}
            path = f"/openapiv2/user/{account}/{file}.json/"
            body = _accepted((yield Request("GET", path, query=query)))
            if not isinstance(body.get(list_), list):
                raise malformed("the vendor's answer holds no list")
            if body[list_]:
                told = {name: body[name] for name in body if not name.endswith("PageUrl")}
                bodies.append(encode({**told, "userid": account}))
            if not body.get("NextPageUrl"):
                break
        else:
            raise malformed("the vendor's list has no end")
        fresh = bodies if digest(bodies) != known.get(file) else []
        for each in fresh[:-1]:
            yield Page(each, _cursor(begin, known))
        known[file] = digest(bodies)
        yield Page(fresh[-1] if fresh else b"", _cursor(begin, known))
    if str(moved) != begin:  # what falls out of the lists makes other digests
        yield Page(b"", f"{moved}|")


def dressed(request: Request, client: Client, token: str) -> Request:
    """A request for data with what iHealth wants in its query.

    Raises: Failure(FORBIDDEN) when the registration names no serial number of the list.
    """
    file = request.path.rstrip("/").rpartition("/")[2].removesuffix(".json")
    try:
        serial = {"sc": client.more["sc"], "sv": client.more[f"sv_{file}"]}
    except KeyError as missing:
        raise Failure(Kind.FORBIDDEN, f"`more` of this vendor lacks {missing.args[0]}") from None
    named = {"client_id": client.id, "client_secret": client.secret, "access_token": token}
    return replace(request, query={**request.query, **named, **serial})


def _cursor(begin: str, known: Mapping[str, str]) -> str:
    return f"{begin}|{','.join(known.get(file, '') for file in _FILES)}"


def _accepted(answer: Answer | None) -> dict[str, Any]:
    """Which of its numbers for errors mean the token is not published: all refusals may."""
    if answer is None:
        raise TypeError("a request has to be sent its answer")
    refuse_troubles(answer)
    if answer.status in _REFUSALS:
        raise Failure(Kind.UNAUTHENTICATED, "the vendor does not take the token")
    body = plain(answer)
    if isinstance(body, dict) and body.get("ErrorCode"):
        raise Failure(Kind.UNAUTHENTICATED, "the vendor does not take the token")
    if answer.status != HTTPStatus.OK or not isinstance(body, dict):
        raise malformed("the vendor's answer is no list")
    return body


def _token_request(path: str, client: Client, form: Mapping[str, str]) -> Request:
    asked = {"client_id": client.id, "client_secret": client.secret, **form}
    if "refresh_token" in form:
        asked["response_type"] = "refresh_token"
    return Request("GET", path, query=asked, host="tokens")


def _members(answer: Answer) -> Mapping[str, Any]:
    refuse_troubles(answer)
    body = plain(answer)
    if not isinstance(body, dict):
        raise malformed("the vendor's answer is no JSON object")
    if "AccessToken" not in body:
        raise oauth.over()
    return {_MEMBERS.get(str(name), str(name)): value for name, value in body.items()}


IHEALTH = Vendor(
    source="ihealth",
    title="iHealth",
    api="https://api.ihealthlabs.com:8443",
    tokens="https://api.ihealthlabs.com:8443",
    consent=f"https://api.ihealthlabs.com:8443{_TOKEN_PATH}",
    token_path=_TOKEN_PATH,
    scopes=_SCOPES,
    style=TokenStyle(_token_request, _members),
    pages=pages,
    start=start,
    account="UserID",
    consent_extra={"APIName": " ".join(_SCOPES)},
    dressed=dressed,
)
