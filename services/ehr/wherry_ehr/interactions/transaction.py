"""A transaction Bundle: checked outside the lock, then all of it or nothing, in one commit."""

from wherry.resource import Issue
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.entries import Bundle, Wanted, wanted
from wherry_ehr.interactions.get import get_in
from wherry_ehr.interactions.patch import as_put, operations_in
from wherry_ehr.interactions.responses import preferred, response_bundle
from wherry_ehr.interactions.settle import links_within, refuse_beyond, settled
from wherry_ehr.interactions.update import same_id
from wherry_ehr.interactions.validity import problems_of, refusal
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.content import conditional_references
from wherry_ehr.write.intent import Intent

# Source: FHIR R4 http, 3.1.0.11.2 (transaction processing rules).
ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3}


def transaction(bundle: Bundle, ask: Ask, deps: Deps) -> Answer:
    """All entries in one commit, or a Failure and nothing. Source: FHIR R4 http, 3.1.0.11."""
    asked = [wanted(entry, at, ask.base) for at, entry in bundle.placed()]
    if issues := _problems(asked, deps):
        return refusal(issues)
    writes = sorted(
        (n for n, one in enumerate(asked) if one.method != "GET"),
        key=lambda n: ORDER[asked[n].method],
    )
    meant = [intent_of(asked[n]) for n in writes]
    references = conditional_references(ask.text)
    answers: dict[int, Answer] = {}
    with deps.store.writing() as view:
        stamp = Stamp(deps.clock.now(), deps.new_id())
        known = links_within(references, view, ask, deps)
        intents = [
            as_put(one, operations_in(told, one.at), view, ask, deps)
            if one.method == "PATCH" and (told := asked[n].told)
            else one
            for n, one in zip(writes, meant, strict=True)
        ]
        intents = settled(intents, view, ask, deps)
        others = references - known.keys()
        done = carry_out(intents, view, stamp, references=others, known=known)
        refuse_beyond(intents, done, view, ask)
        for n, answer in zip(writes, done, strict=True):
            answers[n] = preferred(answer, view, ask.prefer, otherwise="minimal")
        for n, one in enumerate(asked):
            if one.method == "GET":
                answers[n] = get_in(view, one, ask, deps)
    return response_bundle("transaction", [answers[n] for n in range(len(asked))])


def intent_of(one: Wanted) -> Intent:
    """What a writing entry means. Raises: Failure(INVALID) when its ids differ."""
    if one.method == "PUT" and one.id and one.told is not None:
        same_id(one.told, one.id, at=f"{one.at}.resource")
    return Intent(
        at=one.at,
        method=one.method,
        type=one.type,
        id=one.id,
        condition=one.if_none_exist.partition("?")[2] or one.if_none_exist
        if one.method == "POST"
        else one.query,
        if_match=one.if_match,
        told=None if one.method == "PATCH" else one.told,
        full_url=one.full_url,
    )


def _problems(asked: list[Wanted], deps: Deps) -> list[Issue]:
    return [
        issue
        for one in asked
        if one.told is not None and one.method != "PATCH"
        for issue in problems_of(one.told, one.type, deps.check, within=one.at)
    ]
