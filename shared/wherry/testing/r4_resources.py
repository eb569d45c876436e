"""Elements → small R4 resources around them, valid but for what a test adds; all synthetic."""

from typing import Any

Json = dict[str, Any]

UUID = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
ORGANIZATION: Json = {"resourceType": "Organization", "id": "o", "name": "test"}


def patient(**elements: Any) -> Json:
    """A Patient of just these elements."""
    return {"resourceType": "Patient", **elements}


def observation(**elements: Any) -> Json:
    """An Observation with status and code, unless they are given; None leaves an element out."""
    made = {"resourceType": "Observation", "status": "final", "code": {"text": "test"}, **elements}
    return {key: value for key, value in made.items() if value is not None}


def encounter(**elements: Any) -> Json:
    """A finished Encounter."""
    return {"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"}, **elements}


def condition(**elements: Any) -> Json:
    """A Condition of Patient/1."""
    return {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, **elements}


def bundle(kind: str, *entries: Json, **elements: Any) -> Json:
    """A Bundle of these entries."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **elements}


def entry(resource: Json, **elements: Any) -> Json:
    """A transaction entry that updates a resource by identifier."""
    return {
        "fullUrl": UUID,
        "resource": resource,
        "request": {"method": "PUT", "url": "Patient?identifier=urn:x|1"},
        **elements,
    }


def clinical(code: str) -> Json:
    """A Condition.clinicalStatus."""
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {"coding": [{"system": system, "code": code}]}


def nested(levels: int) -> Json:
    """A QuestionnaireResponse whose items go this deep."""
    item: Json = {"linkId": "1"}
    for _ in range(levels):
        item = {"linkId": "1", "item": [item]}
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
