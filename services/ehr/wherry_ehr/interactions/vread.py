"""GET [type]/[id]/_history/[vid]: one version out of the log."""

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import must, sees
from wherry_ehr.interactions.gone import gone
from wherry_ehr.interactions.shape import asked_shape, shaped
from wherry_ehr.store.sql_store import View


def vread(ask: Ask, deps: Deps) -> Answer:
    """That version, whatever came after. Source: FHIR R4 http, 3.1.0.3."""
    with deps.store.view() as view:
        return vread_in(view, ask, deps)


def vread_in(view: View, ask: Ask, _deps: Deps) -> Answer:
    """That version in this view. Raises: Failure(NOT_FOUND)."""
    must(ask, "r")
    asked = asked_shape(ask)
    number = ask.vid if ask.vid.isascii() and ask.vid.isdigit() and len(ask.vid) < 10 else "0"
    found = view.version(ask.type, ask.id, int(number))
    if found is None or str(found.vid) != ask.vid:
        raise _no_version(ask)
    if ask.limits and (found.gone or not sees(ask.limits, found, "r", view)):
        raise _no_version(ask)
    return gone(found) if found.gone else Answer(200, shaped(found, asked), found.version)


def _no_version(ask: Ask) -> Failure:
    return Failure(Kind.NOT_FOUND, "no such version", at=ask.type)
