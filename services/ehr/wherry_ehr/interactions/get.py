"""A GET entry of a Bundle: read, vread or search."""

from urllib.parse import parse_qsl

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.entries import Wanted
from wherry_ehr.interactions.read import read_in
from wherry_ehr.interactions.search import search_in
from wherry_ehr.interactions.vread import vread_in
from wherry_ehr.store.sql_store import View


def get_in(view: View, one: Wanted, ask: Ask, deps: Deps) -> Answer:
    """What this entry asks to see, in this view."""
    return seen_in(view, asked_by(one, ask), deps)


def asked_by(one: Wanted, ask: Ask) -> Ask:
    """The request that this entry of `ask` is."""
    return Ask(
        type=one.type,
        id=one.id,
        vid=one.vid,
        params=tuple(parse_qsl(one.query, keep_blank_values=True)),
        prefer=ask.prefer,
        base=ask.base,
    )


def seen_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """The version, the resource or the matches that are asked for."""
    if ask.vid:
        return vread_in(view, ask)
    return read_in(view, ask) if ask.id else search_in(view, ask, deps)
