"""One write by itself: checked, carried out, answered with the resource unless told otherwise."""

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.responses import preferred
from wherry_ehr.interactions.settle import refuse_beyond, settled
from wherry_ehr.interactions.validity import problems_of, refusal
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.intent import Intent


def write_one(intent: Intent, ask: Ask, deps: Deps, *, otherwise: str = "representation") -> Answer:
    """Write in a transaction of its own."""
    if intent.told is not None:
        issues = problems_of(intent.told, intent.type, deps.check)
        if issues:
            return refusal(issues)
    with deps.store.writing() as view:
        intents = settled([intent], view, ask, deps)
        answers = carry_out(intents, view, Stamp(deps.clock.now(), deps.new_id()))
        refuse_beyond(intents, answers, view, ask)
        return preferred(answers[0], view, ask.prefer, otherwise=otherwise)
