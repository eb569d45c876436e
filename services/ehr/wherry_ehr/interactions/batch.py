"""A batch Bundle: each entry for itself; look-ups by identifier or id are answered together."""

from wherry.errors import Failure
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.entries import Bundle, Wanted, wanted
from wherry_ehr.interactions.get import get_in
from wherry_ehr.interactions.patch import operations_in, patch_one
from wherry_ehr.interactions.responses import failed, response_bundle
from wherry_ehr.interactions.together import together
from wherry_ehr.interactions.transaction import intent_of
from wherry_ehr.interactions.write_one import write_one
from wherry_ehr.store.sql_store import View


def batch(bundle: Bundle, ask: Ask, deps: Deps) -> Answer:
    """One answer per entry, failures included. Source: FHIR R4 http, 3.1.0.11.1.

    Writes come first, each with its own commit; then all reads see one moment of the store.
    """
    answers: dict[int, Answer] = {}
    reads: dict[int, Wanted] = {}
    for n, (at, entry) in enumerate(bundle.placed()):
        try:
            one = wanted(entry, at, ask.base)
            if one.method == "GET":
                reads[n] = one
            else:
                answers[n] = _written(one, ask, deps)
        except Failure as failure:
            answers[n] = failed(failure)
    if reads:
        with deps.store.view() as view:
            if ask.limits is None:  # the others are looked at one by one
                answers.update(together(reads, view, ask.base))
            for n in reads.keys() - answers.keys():
                answers[n] = _alone(view, reads[n], ask, deps)
    return response_bundle("batch", [answers[n] for n in sorted(answers)])


def _alone(view: View, one: Wanted, ask: Ask, deps: Deps) -> Answer:
    try:
        return get_in(view, one, ask, deps)
    except Failure as failure:
        return failed(failure)


def _written(one: Wanted, ask: Ask, deps: Deps) -> Answer:
    """A batch answers without resources unless it is asked for them."""
    alone = Ask(type=one.type, prefer=ask.prefer, limits=ask.limits, base=ask.base)
    if one.method == "PATCH" and one.told is not None:
        operations = operations_in(one.told, one.at)
        return patch_one(intent_of(one), operations, alone, deps, otherwise="minimal")
    return write_one(intent_of(one), alone, deps, otherwise="minimal")
