"""GET [type]/[id]: the current version as it was stored."""

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.gone import gone
from wherry_ehr.store.sql_store import View


def read(ask: Ask, deps: Deps) -> Answer:
    """The current version. Source: FHIR R4 http, 3.1.0.2."""
    with deps.store.view() as view:
        return read_in(view, ask)


def read_in(view: View, ask: Ask) -> Answer:
    """The current version in this view. Raises: Failure(NOT_FOUND)."""
    found = view.read(ask.type, ask.id)
    if found is None:
        raise Failure(Kind.NOT_FOUND, "no resource has this id", at=ask.type)
    return gone(found) if found.gone else Answer(200, found.body, found.version)
