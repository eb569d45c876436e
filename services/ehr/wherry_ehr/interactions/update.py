"""PUT [type]/[id] or PUT [type]?search: a new version, unless nothing changed."""

from urllib.parse import urlencode

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.write_one import write_one
from wherry_ehr.write.intent import Intent
from wherry_ehr.write.told import Told


def update(ask: Ask, deps: Deps) -> Answer:
    """201 for a new id, else 200. Raises: Failure(INVALID) when ids differ.

    Source: FHIR R4 http, 3.1.0.4 (the id in the body must be there and equal).
    """
    same_id(ask.told, ask.id, at=ask.type)
    intent = Intent(
        at=ask.type,
        method="PUT",
        type=ask.type,
        id=ask.id,
        if_match=ask.if_match,
        told=ask.told,
    )
    return write_one(intent, ask, deps)


def conditional_update(ask: Ask, deps: Deps) -> Answer:
    """As `update`, of the one resource that the search finds. Source: FHIR R4 http, 3.1.0.4.3."""
    if not ask.params:
        raise Failure(Kind.INVALID, "an id or a search is needed", at=ask.type)
    intent = Intent(
        at=ask.type,
        method="PUT",
        type=ask.type,
        condition=urlencode(ask.params),
        if_match=ask.if_match,
        told=ask.told,
    )
    return write_one(intent, ask, deps)


def same_id(told: Told, id_: str, *, at: str) -> None:
    """Raises: Failure(INVALID) unless the resource carries this id."""
    if told.resource.get("id") != id_:
        raise Failure(Kind.INVALID, "the resource must carry the id of its address", at=f"{at}.id")
