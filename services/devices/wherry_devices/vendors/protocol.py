"""What is asked of a vendor's cloud and what its answers mean, as values: nothing here does I/O."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from wherry.codec import decode
from wherry.errors import Failure, Kind

LIMIT = "limit"
"""Where a Failure says it is when the vendor wants fewer requests."""
BUSY_S = 60.0
"""Seconds that a busy vendor is left alone when it does not say how long."""

Host = Literal["api", "tokens"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a vendor. The caller adds the vendor's address and the token.

    At most one of `form` and `json` is sent; `host` is which of the vendor's addresses it is for.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    host: Host = "api"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor said to one request; `retry_after_s` is 0 when it did not say."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """One payload for the inbox, and the cursor once it is kept; an empty body is not kept."""

    body: bytes = field(repr=False)
    cursor: str


T = TypeVar("T")
Asking = Generator[Request, Answer | None, T]
"""Requests of which each is sent its Answer; returns what was found out."""
Pages = Generator[Request | Page, Answer | None, None]
"""Requests, each sent its Answer, and pages in between, each sent None once it is kept."""


class Trouble(StrEnum):
    """Why a vendor gave nothing."""

    REFUSED = "refused"  # the token is not taken: it ended early, or the person's consent did
    UNAUTHORIZED = "unauthorized"  # nor is the token taken that the vendor gave just now
    CLIENT = "client"  # the vendor does not take our client id, secret or address
    BUSY = "busy"  # too many requests
    AWAY = "away"  # no answer, or an error of its own
    MALFORMED = "malformed"  # an answer that is none


_TROUBLES = {
    Kind.UNAUTHENTICATED: Trouble.REFUSED,
    Kind.FORBIDDEN: Trouble.CLIENT,
    Kind.UNAVAILABLE: Trouble.AWAY,
    Kind.UNCERTAIN: Trouble.AWAY,
}


def trouble(failure: Failure) -> Trouble:
    """What a Failure of this package, or of the adapter that asks, says of the vendor."""
    if failure.kind is Kind.UNAVAILABLE and failure.at == LIMIT:
        return Trouble.BUSY
    return _TROUBLES.get(failure.kind, Trouble.MALFORMED)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notification says: this account has something new, or may have left us."""

    account: str = field(repr=False)
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the vendor; `more` is what else it gave us, by its names."""

    id: str
    secret: str = field(repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens that the vendor gave, and for whom; without a new refresh token the old one stays."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: float
    scopes: str
    account: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenStyle:
    """How a vendor is asked for tokens, and its answer as members named as in RFC 6749, 5.1.

    `request` takes the path, the client and the grant's form. `members` raises: Failure:
    UNAUTHENTICATED when code or refresh token are over, FORBIDDEN when the client is refused,
    UNAVAILABLE, UNPROCESSABLE.
    """

    request: Callable[[str, Client, Mapping[str, str]], Request]
    members: Callable[[Answer], Mapping[str, Any]]


def _tells_nothing(_payload: Any) -> Sequence[Notice]:
    return ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """The facts of one vendor's cloud, and what to ask of it; all of it pure.

    `source` is the template's id. `api`, `tokens` and `consent` are the vendor's real addresses: of
    data, of the token endpoint's host, and of the page on which a person consents. `account` names
    the member of the token answer with the person's account; without it, `whose` asks for it.
    `start` is the cursor that fetches what is new since then, `pages(account, cursor, now)` fetches
    from there. `revoke(client, account, refresh_token, now)` ends the consent at the vendor.
    `subscribe(address)` asks it to send notices there; `noticed` reads one once it is decoded.
    `per_minute`: requests that all our connections together may make. `dressed(request, client,
    token)` is a request for data with all that the vendor wants along; without it the token goes as
    a bearer token.
    """

    source: str
    title: str
    api: str
    tokens: str
    consent: str
    token_path: str
    scopes: tuple[str, ...]
    style: TokenStyle
    pages: Callable[[str, str, datetime], Pages]
    start: Callable[[datetime], str]
    account: str = ""
    whose: Callable[[], Asking[str]] | None = None
    revoke: Callable[[Client, str, str, datetime], Asking[None]] | None = None
    subscribe: Callable[[str], Asking[None]] | None = None
    noticed: Callable[[Any], Sequence[Notice]] = _tells_nothing
    scope_joint: str = " "
    consent_extra: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = False
    per_minute: int = 60
    interval_s: float = 900.0
    dressed: Callable[[Request, Client, str], Request] | None = None


def ask(request: Request) -> Generator[Request | Any, Answer | None, Any]:
    """The JSON of a good answer: `body = yield from ask(Request(...))` in a vendor's generator.

    Raises: Failure as `accepted` does.
    """
    return accepted((yield request))


def accepted(answer: Answer | None) -> Any:
    """The JSON of an answer that gives what was asked for, numbers with their digits.

    Raises: Failure: UNAUTHENTICATED for 401 and 403, UNAVAILABLE at LIMIT for 429, UNAVAILABLE for
    5xx and 408, UNPROCESSABLE for anything else. Source: RFC 9110, 15; RFC 6585, 4; RFC 6750, 3.1.
    """
    if answer is None:
        raise TypeError("a request has to be sent its answer")
    refuse_troubles(answer)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise Failure(Kind.UNAUTHENTICATED, "the vendor does not take the token")
    if answer.status != HTTPStatus.OK:
        raise malformed(f"the vendor answered {answer.status}")
    return plain(answer)


def refuse_troubles(answer: Answer) -> None:
    """Raises: Failure(UNAVAILABLE) when the vendor is busy or away, whatever was asked."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise busy(answer)
    if (
        answer.status == HTTPStatus.REQUEST_TIMEOUT
        or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise Failure(
            Kind.UNAVAILABLE, f"the vendor answered {answer.status}", after_s=answer.retry_after_s
        )


def plain(answer: Answer) -> Any:
    """An answer's JSON. Raises: Failure(UNPROCESSABLE)."""
    try:
        return decode(answer.body)
    except Failure:
        raise malformed("the vendor's answer is no JSON") from None


def busy(answer: Answer) -> Failure:
    """The vendor wants fewer requests."""
    after_s = answer.retry_after_s or BUSY_S
    return Failure(Kind.UNAVAILABLE, "the vendor wants fewer requests", at=LIMIT, after_s=after_s)


def malformed(detail: str) -> Failure:
    """The vendor said something else than it documents; `detail` repeats nothing of it."""
    return Failure(Kind.UNPROCESSABLE, detail)
