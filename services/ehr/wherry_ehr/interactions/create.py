"""POST [type]: a new resource, or the one that If-None-Exist finds."""

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.write_one import write_one
from wherry_ehr.write.intent import Intent


def create(ask: Ask, deps: Deps) -> Answer:
    """201 with a new id; 200 when the condition matches one. Source: FHIR R4 http, 3.1.0.8."""
    if ask.params:
        raise Failure(Kind.INVALID, "create takes no parameters", at=ask.params[0][0][:64])
    condition = ask.if_none_exist.partition("?")[2] or ask.if_none_exist
    intent = Intent(at=ask.type, method="POST", type=ask.type, condition=condition, told=ask.told)
    return write_one(intent, ask, deps)
