"""The small server's cards, and the ways in which they can be wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.conformance.cds.people import new_uuid

Has = Callable[[str], bool]
Card = dict[str, Any]

SYSTEM = "urn:small:codes"
_ONE = "11111111-1111-4111-8111-111111111111"


def services(has: Has) -> list[dict[str, Any]]:
    """The catalogue."""
    prefetch: dict[str, Any] = {
        "patient": "Patient/{{context.patientId}}",
        "observations": "Observation?patient={{context.patientId}}&category=vital-signs&_count=50",
        "laboratory": "Observation?patient={{context.patientId}}&category=laboratory&_count=50",
    }
    spoils: Mapping[str, tuple[str, Any]] = {
        "a template is an object": ("laboratory", {"query": "Observation"}),
        "a token is an object of the context": ("laboratory", "Basic?x={{context.draftOrders}}"),
        "a token of no field": ("laboratory", "Observation?patient={{Patient.id}}"),
        "a chained parameter": ("laboratory", "Observation?patient.name=x"),
    }
    for flaw, (key, value) in spoils.items():
        if has(flaw):
            prefetch[key] = value
    one: dict[str, Any] = {
        "id": "watch",
        "hook": "patient-view",
        "title": "Watch",
        "description": "Watches",
        "usageRequirements": "Made up for tests",
        "prefetch": prefetch,
    }
    changes: Mapping[str, dict[str, Any]] = {
        "a service without a description": {"description": None},
        "a service without a title": {"title": None},
        "use requires a list": {"usageRequirements": ["a", "b"]},
        "an empty text in discovery": {"usageRequirements": ""},
    }
    for flaw, change in changes.items():
        if has(flaw):
            one = {name: value for name, value in {**one, **change}.items() if value is not None}
    found = [one, {**one, "hook": "encounter-start"}]
    if has("a service is offered twice"):
        found.append(one)
    if has("a hook of its own without a domain"):
        found.append({**one, "hook": "my-own-hook"})
    if has("a service is offered that is not there"):
        found.append({**one, "id": "gone", "hook": "encounter-start"})
    return found


def card(patient: Mapping[str, Any], seen: list[dict[str, Any]], has: Has, token: str) -> Card:
    """The one card about these observations."""
    pulse = max((_value(one) for one in seen if _is_pulse(one)), default=0.0)
    ill, mild = pulse >= 130, pulse >= 90
    said = "Low risk" if not seen and has("no data is a low risk") else "Nothing known"
    words = "High risk" if ill else said
    id_ = str(patient["id"])
    made: Card = {
        "uuid": _ONE if has("one uuid for all") else new_uuid(),
        "summary": f"{words} ({len(seen)} values)" + ("!" * 140 if has("a long summary") else ""),
        "detail": _detail(seen, has),
        "indicator": "critical" if ill else "warning" if mild else "info",
        "source": {
            "label": "Small server" if has("no version") else "Small server 1.0.0",
            "url": "https://small.example/about",
            "icon": "https://small.example/icon.png",
            "topic": {"system": SYSTEM, "code": "watch"},
        },
        "overrideReasons": [{"system": SYSTEM, "code": "done", "display": "Already done"}],
        "links": [
            {"label": "About", "url": "https://small.example/about", "type": "absolute"},
            {"label": "App", "url": "https://small.example/launch", "type": "smart"},
        ],
        "selectionBehavior": "at-most-one",
        "suggestions": [_suggestion(id_, has), _suggestion(id_, has)],
    }
    made["links"][1]["appContext"] = id_ if has("the patient in appContext") else new_uuid()
    _spoil(made, has, token, id_)
    return made


def _spoil(made: Card, has: Has, token: str, patient: str) -> None:
    if has("no uuid"):
        del made["uuid"]
    if has("no selection behavior"):
        del made["selectionBehavior"]
    if has("a selection behavior alone"):
        del made["suggestions"]
    if has("no age"):
        made["detail"] = "High"
    sets: Mapping[str, tuple[Any, str, Any]] = {
        "an indicator of its own": (made, "indicator", "hard-stop"),
        "a relative source": (made["source"], "url", "/about"),
        "a source about the patient": (made["source"], "url", f"https://small.example/{patient}"),
        "a relative icon": (made["source"], "icon", "/icon.png"),
        "a topic without a system": (made["source"], "topic", {"code": "watch"}),
        "a source without a label": (made["source"], "label", ""),
        "a reason without a display": (made["overrideReasons"][0], "display", ""),
        "a link without a label": (made["links"][0], "label", ""),
        "a link of another type": (made["links"][0], "type", "guide"),
        "appContext on an absolute link": (made["links"][0], "appContext", "x"),
        "an empty element on a card": (made, "extension", {}),
        "the token in a link": (
            made["links"][0],
            "url",
            f"https://small.example/?access_token={token}",
        ),
    }
    for flaw, (where, name, value) in sets.items():
        if has(flaw):
            where[name] = value


def _suggestion(patient: str, has: Has) -> dict[str, Any]:
    order = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "subject": {
            "reference": f"Patient/{'other' if has('an order for somebody else') else patient}"
        },
    }
    create: dict[str, Any] = {"type": "create", "description": "Order it", "resource": order}
    if has("create with an id alone"):
        create = {"type": "create", "description": "Order it", "resourceId": "ServiceRequest/1"}
    if has("an action without a description"):
        del create["description"]
    whole = {**order, "id": "s-1"}
    update = {"type": "update", "description": "Change it", "resource": whole}
    if has("update of one field"):
        update["resource"] = {"status": "active"}
    delete = {"type": "delete", "description": "Drop it", "resourceId": "ServiceRequest/s-2"}
    if has("delete with a resource"):
        delete["resource"] = "ServiceRequest/s-2"
    return {
        "label": "" if has("a suggestion without a label") else "Order it",
        "uuid": 7 if has("a suggestion's uuid is a number") else new_uuid(),
        "isRecommended": has("several are recommended"),
        "actions": [create, update, delete],
    }


def _detail(seen: list[dict[str, Any]], has: Has) -> str:
    if not seen:
        return "Nothing is known; seen 0 min ago"
    first = seen[0]
    unit = str(first.get("valueQuantity", {}).get("unit", ""))
    when = str(first.get("effectiveDateTime", ""))
    said = unit if has("texts are not escaped") else _plain(unit)
    at = when if has("times are not escaped") else _plain(when)
    limit = None if has("texts are not cut") else 2000
    many = said * 400 if has("texts are not cut") else said
    bold = "<b>High</b>" if has("HTML in the detail") else "**High**"
    return f"{bold}: seen 12 min ago at {at[:limit]} in {many[:limit]}"


def _plain(text: str) -> str:
    return re.sub(r"[<>|`\[\]()&*_#~\\]", " ", text)


def _is_pulse(one: Mapping[str, Any]) -> bool:
    return any(each.get("code") == "8867-4" for each in one["code"].get("coding", []))


def _value(one: Mapping[str, Any]) -> float:
    value = one.get("valueQuantity", {}).get("value")
    return float(value) if isinstance(value, int | float) else 0.0
