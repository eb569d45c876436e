"""What the holder of a SMART token asks is answered within its scope and its patient."""

from dataclasses import replace

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.auth.records import Grant
from wherry_ehr.auth.scopes import allows
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.compartment import belongs
from wherry_ehr.interactions.entries import bundle_in, wanted
from wherry_ehr.interactions.get import asked_by, seen_in
from wherry_ehr.interactions.responses import failed, response_bundle
from wherry_ehr.store.sql_store import View

# Everything else writes, and no app may write here
READING = frozenset({"read", "vread", "search", "search-post"})


def limited(name: str, ask: Ask, deps: Deps, rights: Grant) -> Answer:
    """Answer one interaction. Raises: Failure(FORBIDDEN) for what the scope does not cover.

    Source: SMART 2.2, R95, R119, R130, R136, R243.
    """
    if name == "system":
        return _bundle(ask, deps, rights)
    if name not in READING:
        raise _outside()
    with deps.store.view() as view:
        return _one(view, ask, deps, rights)


def _bundle(ask: Ask, deps: Deps, rights: Grant) -> Answer:
    """Entry by entry; in a transaction one refusal refuses all. Source: SMART 2.2, R130."""
    bundle = bundle_in(ask.text)
    answers: list[Answer] = []
    with deps.store.view() as view:
        for at, entry in bundle.placed():
            try:
                one = wanted(entry, at, ask.base)
                if one.method != "GET":
                    raise _outside()
                answers.append(_one(view, asked_by(one, ask), deps, rights))
            except Failure as failure:
                if bundle.type == "transaction":
                    raise
                answers.append(failed(failure))
    return response_bundle(bundle.type, answers)


def _one(view: View, ask: Ask, deps: Deps, rights: Grant) -> Answer:
    if _is_self(ask, rights):
        return seen_in(view, ask, deps)
    if not allows(rights.scope, ask.type, "r" if ask.id else "s"):
        raise _outside()
    answer = seen_in(view, replace(ask, within=rights.patient), deps)
    if ask.id and not (
        answer.status == 200 and belongs(ask.type, answer.body, rights.patient, view)
    ):
        # what is of another patient is not even said to exist
        raise Failure(Kind.NOT_FOUND, "no resource has this id", at=ask.type)
    return answer


def _is_self(ask: Ask, rights: Grant) -> bool:
    """Whoever may know who the user is may read that. Source: SMART 2.2, R198, R209."""
    return (ask.type, ask.id) == (
        "Practitioner",
        rights.practitioner,
    ) and "fhirUser" in rights.scope.split()


def _outside() -> Failure:
    return Failure(Kind.FORBIDDEN, "the token's scope does not cover this")
