"""The small server's judgement of requests and feedback, and the ways in which it can be wrong."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

Has = Callable[[str], bool]
Problem = tuple[str, str]

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_USER = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9\-.]{1,64}")
_BEARER = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_ACCESS: Mapping[str, type] = {
    "access_token": str,
    "token_type": str,
    "expires_in": int,
    "scope": str,
    "subject": str,
}
HOOKS: Mapping[str, tuple[str, ...]] = {
    "patient-view": ("userId", "patientId"),
    "encounter-start": ("userId", "patientId", "encounterId"),
}


def problems(body: Mapping[str, Any], hooks: tuple[str, ...], has: Has) -> list[Problem]:
    """Everything that is wrong with a request."""
    found = [
        *_hook(body, hooks, has),
        *_instance(body, has),
        *_context(body, has),
        *_access(body, has),
    ]
    known = {"hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization"}
    if has("an extension is refused") and set(body) - known:
        found.append(("extension", "is not known"))
    return found[:1] if has("one problem at a time") else found


def _hook(body: Mapping[str, Any], hooks: tuple[str, ...], has: Has) -> list[Problem]:
    if "hook" not in body:
        return [("hook", "is required")]
    if has("any hook") or (has("any hook for an id") and body["hook"] in {"order-sign"}):
        return []
    good = isinstance(body["hook"], str) and body["hook"] in hooks
    return [] if good else [("hook", "is not one of this service")]


def _instance(body: Mapping[str, Any], has: Has) -> list[Problem]:
    if "hookInstance" not in body:
        needed = not has("no hook instance is needed")
        return [("hookInstance", "is required")] if needed else []
    try:
        UUID(body["hookInstance"])
    except (ValueError, AttributeError, TypeError):
        return [] if has("any hook instance") else [("hookInstance", "is no UUID")]
    return []


def _context(body: Mapping[str, Any], has: Has) -> list[Problem]:
    context = body.get("context")
    if not isinstance(context, dict):
        return [("context", "is required")]
    hook = body.get("hook")
    needed = HOOKS.get(hook, ()) if isinstance(hook, str) else ()
    found = (
        []
        if has("no field is needed")
        else [(f"context.{name}", "is required") for name in needed if name not in context]
    )
    wanted = {"userId": _USER, "patientId": _ID, "encounterId": _ID}
    for name, pattern in wanted.items():
        value = context.get(name)
        fits = isinstance(value, str) and pattern.fullmatch(value)
        if name in context and not fits and not has("any kind of field"):
            said = f"{value!r} " if has("a refusal repeats the request") else ""
            found.append((f"context.{name}", f"{said}is not of its kind"))
    return found


def _access(body: Mapping[str, Any], has: Has) -> list[Problem]:
    given = body.get("fhirAuthorization")
    if given is None:
        return []
    found = []
    if "fhirServer" not in body and not has("access without its server"):
        found.append(("fhirServer", "is required"))
    if has("any kind of access"):
        return found
    for name, kind in _ACCESS.items():
        if not isinstance(given.get(name), kind):
            found.append((f"fhirAuthorization.{name}", "is not of its kind"))
    if isinstance(given.get("token_type"), str) and given["token_type"] != "Bearer":
        found.append(("fhirAuthorization.token_type", "is not Bearer"))
    token = given.get("access_token")
    if isinstance(token, str) and not _BEARER.fullmatch(token):
        found.append(("fhirAuthorization.access_token", "is no token"))
    return found


def feedback(body: Any, has: Has) -> list[Problem]:
    """Everything that is wrong with feedback."""
    items = body.get("feedback") if isinstance(body, dict) else None
    if has("a bare object") and isinstance(body, dict) and "card" in body:
        return []
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        return [("feedback", "is no list")]
    if has("one card at a time") and len(items) > 1:
        return [("feedback", "is too long")]
    found = [
        (f"feedback[{place}].{name}", "is wrong")
        for place, one in enumerate(items)
        for name in _wrong(one, has)
    ]
    return (
        [("feedback", "is wrong: outcome")] if found and has("a bad item is not named") else found
    )


def _wrong(item: Mapping[str, Any], has: Has) -> list[str]:
    wrong = [] if isinstance(item.get("card"), str) else ["card"]
    outcome = item.get("outcome")
    if not isinstance(outcome, str) or outcome not in {"accepted", "overridden"}:
        wrong += [] if has("any outcome") else ["outcome"]
    if outcome == "accepted" and not has("accepted without a suggestion"):
        held = item.get("acceptedSuggestions")
        ids = [one.get("id") for one in held] if isinstance(held, list) else []
        good = ids and all(isinstance(one, str) and one for one in ids)
        wrong += [] if good and not has("an accepted suggestion is refused") else ["accepted"]
    if not _is_time(item.get("outcomeTimestamp"), has):
        wrong.append("outcomeTimestamp")
    told = item.get("overrideReason")
    if outcome == "overridden" and told is None and has("a reason is needed"):
        wrong.append("overrideReason")
    reason = (told or {}).get("reason")
    if told and reason is None and has("a comment needs a reason"):
        wrong.append("overrideReason")
    if reason and "display" not in reason and has("a reason needs its display"):
        wrong.append("overrideReason")
    return wrong


def _is_time(value: Any, has: Has) -> bool:
    if has("any time"):
        return True
    if not isinstance(value, str) or "T" not in value:
        return False
    if has("only times that end in Z") and not value.endswith("Z"):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
