"""POST /v1/inbox: an operator reveals, replays, marks or lets go; each leaves an audit row."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from wherry.draining import wake
from wherry.errors import Failure, Kind
from wherry.inbox_pages import pages
from wherry.ports import State
from wherry.showing import shown
from wherry.web.body import json_object
from wherry_hl7.callers import let_operators_in, who
from wherry_hl7.deps import deps
from wherry_hl7.inbox import answer, choice, told, view_for
from wherry_hl7.triage import SOURCE

bp = Blueprint("deeds", __name__, url_prefix="/v1/inbox")
bp.before_request(let_operators_in)

_MOST_IDS = 10_000
_FINISHED = frozenset({State.DONE, State.ASIDE})


@bp.post("/messages/<int:message_id>/reveal")
def reveal(message_id: int) -> Response:
    """One message beside its FHIR, with all values."""
    kept = deps().desk.reveal(message_id, who=who(), note=_note())
    return answer(told(kept.id, shown(kept, view_for(kept.source), revealed=True)))


@bp.post("/messages/<int:message_id>/handled")
def handled(message_id: int) -> Response:
    """A message that lies aside is done: a person saw to it, and says how."""
    desk = deps().desk
    if not desk.handle([message_id], who=who(), note=_note()):
        desk.get(message_id)
        raise Failure(Kind.CONFLICT, "only a message that lies aside can be marked")
    return answer({"handled": 1})


@bp.post("/replay")
def replay() -> Response:
    """Put messages back to be worked on: by ids, or by sender, reason and time."""
    given, desk = json_object(), deps().desk
    _refuse_strangers(given, {"ids", "state", "sender", "reason", "since", "until"})
    chosen = choice(given)
    state = chosen.pop("state")
    ids = given.get("ids")
    if (ids is not None) == any(chosen.values()) or (ids is not None and state):
        raise Failure(Kind.INVALID, "give ids, or sender, reason, since, until, and not both")
    if ids is not None:
        count = desk.replay(_ids(ids), who=who())
    else:
        wanted = state or State.ASIDE
        if wanted not in _FINISHED:
            raise Failure(Kind.INVALID, "done or aside", at="state")
        search = partial(desk.search, state=wanted, **chosen)
        count = sum(desk.replay(page, who=who()) for page in pages(search))
    wake(deps().queue, SOURCE)
    return answer({"replayed": count})


@bp.post("/feeds/release")
def release() -> Response:
    """Take the brake of a sender off: what waited goes on in order."""
    given = json_object()
    _refuse_strangers(given, {"sender", "source", "note"})
    for name in ("sender", "source", "note"):
        if not isinstance(given.get(name, ""), str):
            raise Failure(Kind.INVALID, "a text", at=name)
    if "sender" not in given:
        raise Failure(Kind.INVALID, "whose brake is to be taken off", at="sender")
    count = deps().desk.release(
        given["sender"],
        who=who(),
        source=given.get("source", ""),
        note=given.get("note", ""),
    )
    if not count:
        raise Failure(Kind.CONFLICT, "no brake of this sender is on", at="sender")
    wake(deps().queue, SOURCE)
    return answer({"released": count})


def _note() -> str:
    if not request.get_data():
        return ""
    given = json_object()
    _refuse_strangers(given, {"note"})
    note = given.get("note", "")
    if not isinstance(note, str):
        raise Failure(Kind.INVALID, "a text", at="note")
    return note


def _ids(given: Any) -> list[int]:
    good = isinstance(given, list) and 0 < len(given) <= _MOST_IDS
    if not good or not all(type(id_) is int for id_ in given):
        raise Failure(Kind.INVALID, f"a list of 1 to {_MOST_IDS} whole numbers", at="ids")
    return list(given)


def _refuse_strangers(given: dict[str, Any], known: set[str]) -> None:
    if set(given) - known or None in given.values():
        raise Failure(Kind.INVALID, f"only {', '.join(sorted(known))} may be given, and no null")
