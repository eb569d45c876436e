"""GET /v1/inbox: what came in, how it stands, how each feed does, who did what."""

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.desk import Deed
from wherry.errors import Failure, Kind
from wherry.feeds import feeds_of
from wherry.ports import State
from wherry.showing import facts, shown
from wherry_hl7.callers import let_operators_in
from wherry_hl7.deps import deps
from wherry_hl7.triage import SOURCE
from wherry_hl7.view import seen

bp = Blueprint("inbox", __name__, url_prefix="/v1/inbox")
bp.before_request(let_operators_in)

_MOST_ROWS = 1000
_LARGEST_ID = 2**63 - 1

# Source: RFC 3339 §5.6
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)", re.ASCII)


@bp.get("/stats")
def stats() -> Response:
    """Messages by source and state, and the age of the oldest unfinished one."""
    desk = deps().desk
    counts: dict[str, dict[str, int]] = {}
    for (source, state), count in sorted(desk.counts().items()):
        counts.setdefault(source, {})[state.value] = count
    return answer({"counts": counts, "oldest_waiting_s": round(desk.oldest_waiting_s(), 3)})


@bp.get("/feeds")
def feeds() -> Response:
    """How the feed of each sender stands."""
    return answer({"feeds": [feed.as_json() for feed in feeds_of(deps().desk, deps().tally)]})


@bp.get("/messages")
def messages() -> Response:
    """Messages by state, sender, reason and time, oldest first, without their bodies."""
    found = deps().desk.search(
        **choice(request.args), after=number("after", 0, _LARGEST_ID), limit=_limit()
    )
    return answer({"messages": [facts(kept) for kept in found]})


@bp.get("/messages/<int:message_id>")
def message(message_id: int) -> Response:
    """One message beside its FHIR, each value an x; and what was done with it."""
    kept = deps().desk.get(message_id)
    return answer(told(kept.id, shown(kept, view_for(kept.source), revealed=False)))


@bp.get("/audit")
def audit() -> Response:
    """Who revealed, replayed or marked what, oldest first."""
    found = deps().desk.audit(
        message_id=number("message", 0, _LARGEST_ID),
        after=number("after", 0, _LARGEST_ID),
        limit=_limit(),
    )
    return answer({"audit": [_deed(deed) for deed in found]})


def view_for(source: str) -> Any:
    """How a message of this source is seen; None for sources of other services."""
    return (lambda kept: seen(kept, deps().senders)) if source == SOURCE else None


def told(message_id: int, known: dict[str, Any]) -> dict[str, Any]:
    """What is known of a message, with what was done with it."""
    return known | {"audit": [_deed(deed) for deed in deps().desk.audit(message_id=message_id)]}


def choice(given: Any) -> dict[str, Any]:
    """State, sender, reason, since and until of a query or a body. Raises: Failure(INVALID)."""
    return {
        "state": _state(given.get("state") or ""),
        "sender": _text(given, "sender"),
        "reason": _text(given, "reason"),
        "since": _time(given, "since"),
        "until": _time(given, "until"),
    }


def answer(body: dict[str, Any]) -> Response:
    """A JSON answer."""
    return Response(encode(body), content_type="application/json")


def number(name: str, default: int, most: int) -> int:
    """A whole number of the query. Raises: Failure(INVALID)."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise Failure(Kind.INVALID, f"a whole number from 0 to {most}", at=name)
    return int(text)


def _limit() -> int:
    found = number("limit", 100, _MOST_ROWS)
    if not found:
        raise Failure(Kind.INVALID, f"a whole number from 1 to {_MOST_ROWS}", at="limit")
    return found


def _state(text: str) -> State | None:
    try:
        return State(text) if text else None
    except ValueError:
        raise Failure(Kind.INVALID, "waiting, claimed, done or aside", at="state") from None


def _text(given: Any, name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or "\x00" in value:
        raise Failure(Kind.INVALID, "a text", at=name)
    return value


def _time(given: Any, name: str) -> datetime | None:
    if given.get(name) is None:
        return None
    text = _text(given, name)
    try:  # a plus that nobody escaped arrives as a blank
        found = datetime.fromisoformat(text.replace(" ", "+")) if _TIME.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise Failure(Kind.INVALID, "a time with its offset, 2026-01-05T12:00:00Z", at=name)
    return found


def _deed(deed: Deed) -> dict[str, Any]:
    return {
        "id": deed.id,
        "at": deed.at.isoformat(timespec="milliseconds"),
        "who": deed.who,
        "what": deed.what.value,
        "message": deed.message_id,
        "note": deed.note,
    }
