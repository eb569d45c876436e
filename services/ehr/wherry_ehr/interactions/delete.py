"""DELETE [type]/[id]: a last version that says it is gone; the others stay in the log."""

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.write_one import write_one
from wherry_ehr.write.intent import Intent


def delete(ask: Ask, deps: Deps) -> Answer:
    """204, also when it was not there. Source: FHIR R4 http, 3.1.0.7."""
    intent = Intent(at=ask.type, method="DELETE", type=ask.type, id=ask.id, if_match=ask.if_match)
    return write_one(intent, ask, deps)
