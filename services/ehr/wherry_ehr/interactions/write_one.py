"""One write by itself: checked, carried out, answered with the resource unless told otherwise."""

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.validity import problems_of, refusal
from wherry_ehr.store.sql_store import View
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.intent import Intent

MINIMAL = "return=minimal"


def write_one(intent: Intent, ask: Ask, deps: Deps) -> Answer:
    """Write in a transaction of its own."""
    if intent.told is not None:
        issues = problems_of(intent.told, intent.type, deps.check)
        if issues:
            return refusal(issues)
    with deps.store.writing() as view:
        answer = carry_out([intent], view, Stamp(deps.clock.now(), deps.new_id()))[0]
        return answer if MINIMAL in ask.prefer else represented(answer, view)


def represented(answer: Answer, view: View) -> Answer:
    """The answer with the resource as it is stored now. Source: FHIR R4 http, 3.1.0.1.9."""
    version = answer.version
    found = view.read(version.type, version.id) if version else None
    return answer._replace(body=found.body) if found else answer
