"""PATCH [type]/[id] or PATCH [type]?search: a JSON Patch makes the next version."""

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import Limits, sees, unknown, within
from wherry_ehr.interactions.responses import preferred
from wherry_ehr.interactions.settle import condition_query, refuse_beyond, settled
from wherry_ehr.interactions.validity import problems_of
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.intent import Intent
from wherry_ehr.write.json_patch import patched
from wherry_ehr.write.told import Told, told_in

JSON_PATCH = "application/json-patch+json"


def patch(ask: Ask, deps: Deps) -> Answer:
    """200 with the new version. Source: FHIR R4 http, 3.1.0.6."""
    intent = Intent(ask.type, "PATCH", ask.type, ask.id, if_match=ask.if_match)
    return patch_one(intent, decode(ask.text), ask, deps)


def conditional_patch(ask: Ask, deps: Deps) -> Answer:
    """As `patch`, of the one resource that the search finds. Source: FHIR R4 http, 3.1.0.6.1."""
    if not ask.params:
        raise Failure(Kind.INVALID, "an id or a search is needed", at=ask.type)
    asked = urlencode(ask.params)
    intent = Intent(ask.type, "PATCH", ask.type, condition=asked, if_match=ask.if_match)
    return patch_one(intent, decode(ask.text), ask, deps)


def patch_one(
    intent: Intent, operations: Any, ask: Ask, deps: Deps, *, otherwise: str = "representation"
) -> Answer:
    """Patch in a transaction of its own."""
    with deps.store.writing() as view:
        put = as_put(intent, operations, view, ask, deps)
        intents = settled([put], view, ask, deps)
        answers = carry_out(intents, view, Stamp(deps.clock.now(), deps.new_id()))
        refuse_beyond(intents, answers, view, ask)
        return preferred(answers[0], view, ask.prefer, otherwise=otherwise)


def as_put(intent: Intent, operations: Any, view: View, ask: Ask, deps: Deps) -> Intent:
    """The update that this patch comes to.

    Raises: Failure(NOT_FOUND, UNMET) when it means no resource or several, Failure(INVALID,
    UNPROCESSABLE) when it does not fit, or what comes out is not valid R4.
    """
    found = _meant(intent, view, ask.limits, deps)
    resource = patched(decode(found.body), operations)
    told = _whole(resource, found, intent.at)
    for issue in problems_of(told, found.type, deps.check):
        raise Failure(Kind.UNPROCESSABLE, issue.text, at=issue.at or intent.at)
    return intent._replace(method="PUT", id=found.id, condition="", told=told)


def operations_in(told: Told, at: str) -> Any:
    """The JSON Patch inside a Binary. Source: FHIR R4 http, 3.1.0.11.2 (PATCH in a transaction)."""
    binary = told.resource
    kind = str(binary.get("contentType", "")).partition(";")[0]
    if binary.get("resourceType") != "Binary" or kind != JSON_PATCH:
        text = f"a Binary with contentType {JSON_PATCH} is needed"
        raise Failure(Kind.INVALID, text, at=f"{at}.resource")
    try:
        return decode(base64.b64decode(str(binary.get("data", "")), validate=True))
    except (binascii.Error, ValueError):
        raise Failure(Kind.INVALID, "not base64", at=f"{at}.resource.data") from None


def _meant(intent: Intent, view: View, limits: Limits | None, deps: Deps) -> Found:
    if limits is not None and not limits.may(intent.type, "u"):
        raise Failure(Kind.FORBIDDEN, "the token's scope does not cover this")
    if not intent.condition:
        found = view.read(intent.type, intent.id)
        if found is None or found.gone or not sees(limits, found, "u", view):
            raise unknown(intent.type)
        return found
    query = within(condition_query(intent, deps), limits, view)
    matches = [one for one in view.search(query).found if sees(limits, one, "u", view)]
    if len(matches) > 1:
        raise Failure(Kind.UNMET, "the condition matches several resources", at=intent.at)
    if not matches:
        raise Failure(Kind.NOT_FOUND, "the condition matches nothing", at=intent.at)
    return matches[0]


def _whole(resource: Any, found: Found, at: str) -> Told:
    if not isinstance(resource, dict):
        raise Failure(Kind.UNPROCESSABLE, "a resource must stay an object", at=at)
    if (resource.get("resourceType"), resource.get("id")) != (found.type, found.id):
        raise Failure(Kind.UNPROCESSABLE, "a patch changes neither type nor id", at=at)
    return told_in(encode(resource))
