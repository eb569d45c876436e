"""Pages: a `next` link holds a token for a state in the store, never a parameter of a search."""

from typing import Any

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.fhir.interval import micros
from wherry_ehr.ask import Ask
from wherry_ehr.deps import Deps
from wherry_ehr.store.sql_store import View

PAGE = "_page"


def promised(view: View, ask: Ask, deps: Deps, state: dict[str, Any]) -> str:
    """The address of the next page, which goes on from this state."""
    token = deps.new_id()
    whole = {"name": _family(ask.name), "type": ask.type, "id": ask.id, **state}
    view.promise(token, micros(deps.clock.now()), encode(whole).decode())
    return f"{address(ask)}?{PAGE}={token}"


def kept(view: View, ask: Ask) -> dict[str, Any] | None:
    """The state that this request goes on from; None when it asks for no page.

    Raises: Failure(NOT_FOUND) when the page has expired or is another interaction's.
    """
    token = dict(ask.params).get(PAGE)
    if token is None:
        return None
    text = view.page(token) if "\0" not in token else None
    state: dict[str, Any] | None = decode(text) if text else None
    mine = (_family(ask.name), ask.type, ask.id)
    if state is None or (state["name"], state["type"], state["id"]) != mine:
        raise Failure(Kind.NOT_FOUND, "this page has expired; search again", at=PAGE)
    return state


def address(ask: Ask) -> str:
    """The address of what is asked, without parameters."""
    parts = [ask.base, ask.type, ask.id, _ENDS.get(ask.name, "")]
    return "/".join(part for part in parts if part)


_ENDS = {
    "history": "_history",
    "history-type": "_history",
    "history-system": "_history",
    "everything": "$everything",
    "everything-post": "$everything",
}
_SAME = {"search-post": "search", "everything-post": "everything", "": "search"}


def _family(name: str) -> str:
    return _SAME.get(name, name)
