"""A GET entry of a Bundle: any interaction that only looks."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.entries import Wanted
from wherry_ehr.interactions.everything import everything_in
from wherry_ehr.interactions.history import history_in
from wherry_ehr.interactions.read import read_in
from wherry_ehr.interactions.search import search_in
from wherry_ehr.interactions.vread import vread_in
from wherry_ehr.store.sql_store import View

SEEN: dict[str, Callable[[View, Ask, Deps], Answer]] = {
    "read": read_in,
    "vread": vread_in,
    "search": search_in,
    "history": history_in,
    "history-type": history_in,
    "history-system": history_in,
    "everything": everything_in,
}


def get_in(view: View, one: Wanted, ask: Ask, deps: Deps) -> Answer:
    """What this entry asks to see, in this view."""
    return seen_in(view, asked_by(one, ask), deps)


def asked_by(one: Wanted, ask: Ask) -> Ask:
    """The request that this entry of `ask` is."""
    return Ask(
        name=one.name,
        type=one.type,
        id=one.id,
        vid=one.vid,
        params=tuple(parse_qsl(one.query, keep_blank_values=True)),
        if_none_match=one.if_none_match,
        if_modified_since=one.if_modified_since,
        prefer=ask.prefer,
        base=ask.base,
        limits=ask.limits,
    )


def seen_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """The version, the resource or the matches that are asked for."""
    name = ask.name or ("vread" if ask.vid else "read" if ask.id else "search")
    return SEEN[name](view, ask, deps)
