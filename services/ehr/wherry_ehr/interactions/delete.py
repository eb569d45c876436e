"""DELETE [type]/[id] or [type]?search: a last version says it is gone, the others stay."""

from urllib.parse import urlencode

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.write_one import write_one
from wherry_ehr.write.intent import Intent


def delete(ask: Ask, deps: Deps) -> Answer:
    """204, also when it was not there. Source: FHIR R4 http, 3.1.0.7."""
    intent = Intent(at=ask.type, method="DELETE", type=ask.type, id=ask.id, if_match=ask.if_match)
    return write_one(intent, ask, deps)


def conditional_delete(ask: Ask, deps: Deps) -> Answer:
    """As `delete`, of the one resource that the search finds; 412 when it finds several.

    Source: FHIR R4 http, 3.1.0.7.1.
    """
    if not ask.params:
        raise Failure(Kind.INVALID, "an id or a search is needed", at=ask.type)
    asked = urlencode(ask.params)
    intent = Intent(ask.type, "DELETE", ask.type, condition=asked, if_match=ask.if_match)
    return write_one(intent, ask, deps)
