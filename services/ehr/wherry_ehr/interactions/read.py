"""GET [type]/[id]: the current version as it was stored, unless the caller has it already."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask, Version
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import must, sees, unknown
from wherry_ehr.interactions.gone import gone
from wherry_ehr.interactions.shape import asked_shape, shaped
from wherry_ehr.store.sql_store import View


def read(ask: Ask, deps: Deps) -> Answer:
    """The current version. Source: FHIR R4 http, 3.1.0.2 and 3.1.0.2.1 (conditional read)."""
    with deps.store.view() as view:
        return read_in(view, ask, deps)


def read_in(view: View, ask: Ask, _deps: Deps) -> Answer:
    """The current version in this view. Raises: Failure(NOT_FOUND)."""
    must(ask, "r")
    asked = asked_shape(ask)
    found = view.read(ask.type, ask.id)
    if found is None or (ask.limits and (found.gone or not sees(ask.limits, found, "r", view))):
        raise unknown(ask.type)
    if found.gone:
        return gone(found)
    if _has_it(ask, found.version):
        return Answer(304, version=found.version)
    return Answer(200, shaped(found, asked), found.version)


def tags(header: str) -> set[str]:
    """The version ids in an If-Match or If-None-Match header; `*` stands for any."""
    return {one.strip().removeprefix("W/").strip('"') for one in header.split(",")}


def _has_it(ask: Ask, version: Version) -> bool:
    """Source: RFC 9110, 13.2.2: a date is asked only where no tag is."""
    if ask.if_none_match:
        return bool({"*", str(version.vid)} & tags(ask.if_none_match))
    if not ask.if_modified_since:
        return False
    try:
        since = parsedate_to_datetime(ask.if_modified_since)
    except (ValueError, OverflowError):
        raise Failure(Kind.INVALID, "an HTTP date is needed", at="If-Modified-Since") from None
    aware = since if since.tzinfo else since.replace(tzinfo=UTC)
    return version.updated // 1_000_000 <= aware.timestamp()
