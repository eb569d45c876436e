"""The Authorization header of a request becomes the name of its caller, or a refusal."""

from collections.abc import Mapping

from flask import Response, g, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry.web.caller import check
from wherry_hl7.deps import deps
from wherry_hl7.door import LOCAL, SERVICE, by_basic, by_token

_BASIC_TOO = 'Bearer, Basic realm="wherry", charset="UTF-8"'


def let_feeds_in() -> None:
    """Pass who has the service token or is a user of the feed.

    Raises: Failure(UNAUTHENTICATED, FORBIDDEN).
    """
    _let_in(basic=deps().door.users, tokens={})


def let_operators_in() -> None:
    """Pass who has the service token or an operator's own.

    Raises: Failure(UNAUTHENTICATED, FORBIDDEN).
    """
    _let_in(basic={}, tokens=deps().door.operators)


def who() -> str:
    """The caller's name, for the audit."""
    return str(g.caller)


def offer_basic(answer: Response) -> Response:
    """Tell a caller who was refused that a user and a password would do."""
    if answer.status_code == Kind.UNAUTHENTICATED.http and deps().door.users:
        answer.headers["WWW-Authenticate"] = _BASIC_TOO
    return answer


def _let_in(*, basic: Mapping[str, str], tokens: Mapping[str, str]) -> None:
    service: SecretStr | None = deps().token
    if not basic and not tokens:
        check(service)
        g.caller = SERVICE if service else LOCAL
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    known = {**tokens, **({SERVICE: service.get_secret_value()} if service else {})}
    readers = {"basic": (by_basic, basic), "bearer": (by_token, known)}
    if scheme.lower() not in readers:
        raise Failure(Kind.UNAUTHENTICATED, "credentials are needed")
    read, wanted = readers[scheme.lower()]
    g.caller = read(given, wanted)
