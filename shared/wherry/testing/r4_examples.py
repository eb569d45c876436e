"""An R4 type name → a small valid instance of it, made from the tables; values are synthetic."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wherry.fhir.r4.tables import Property, all_codes, codes, type_

Json = dict[str, Any]

_INHERITED = ("id", "extension", "modifierExtension")
_PRIMITIVES: Mapping[str, Any] = {
    "base64Binary": "dGVzdA==",
    "boolean": True,
    "canonical": "http://example.org/canonical",
    "code": "test",
    "date": "2026-03-01",
    "dateTime": "2026-03-01T08:00:00+01:00",
    "decimal": Decimal("1.50"),
    "id": "test-1",
    "instant": "2026-03-01T08:00:00.123Z",
    "integer": 1,
    "markdown": "test",
    "oid": "urn:oid:1.2.3",
    "positiveInt": 1,
    "string": "test",
    "time": "08:00:00",
    "unsignedInt": 1,
    "uri": "http://example.org/test",
    "url": "http://example.org/test",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">test</div>',
}

# What the required elements alone don't say, because an invariant does.
_COMPLETED: Mapping[str, Json] = {
    "Age": {"value": 1, "system": "http://unitsofmeasure.org", "code": "a"},
    "AllergyIntolerance": {
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        }
    },
    "Appointment": {"status": "proposed"},
    "Appointment.participant": {"type": [{"text": "test"}]},
    "AppointmentResponse": {"participantType": [{"text": "test"}]},
    "Bundle": {"type": "collection"},
    "Bundle.entry": {"resource": {"resourceType": "Basic", "code": {"text": "test"}}},
    "CapabilityStatement": {"description": "test", "rest": [{"mode": "server"}]},
    "Composition.section": {"entry": [{"display": "test"}]},
    "Condition.evidence": {"code": [{"text": "test"}]},
    "Condition.stage": {"summary": {"text": "test"}},
    "Consent": {"policy": [{"uri": "http://example.org/policy"}]},
    "ContactPoint": {"system": "phone", "value": "test"},
    "Expression": {"expression": "test"},
    "Extension": {"valueString": "test"},
    "Goal.target": {"measure": {"text": "test"}, "detailString": "test"},
    "Immunization.education": {"documentType": "test"},
    "ImmunizationRecommendation.recommendation": {"vaccineCode": [{"text": "test"}]},
    "Linkage": {"item": [{"type": "source", "resource": {"display": "test"}}] * 2},
    "List": {"mode": "changes"},
    "MedicationAdministration.dosage": {"dose": {"value": 1}},
    "Observation.referenceRange": {"text": "test"},
    "Organization": {"name": "test"},
    "Parameters.parameter": {"valueString": "test"},
    "Patient.contact": {"name": {"text": "test"}},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
    "ValueSet.compose.include": {"system": "http://example.org/system"},
}


def minimal(type_name: str) -> Json:
    """The required elements of a type; of a datatype or part without any, one element."""
    of = type_(type_name)
    made: Json = {"resourceType": type_name} if of.kind == "resource" else {}
    done: set[str] = {of.properties[key].element for key in _COMPLETED.get(type_name, ())}
    for item in of.properties.values():
        if item.element in of.required and item.element not in done:
            made[item.key] = value(item)
            done.add(item.element)
    made.update(_COMPLETED.get(type_name, {}))
    if not made:  # a datatype or part: R4's ele-1 wants something in it
        own = [i for i in of.properties.values() if i.key not in _INHERITED]
        first = min(own, key=lambda item: (not item.primitive, "." in item.type))
        made[first.key] = value(first)
    return made


def with_property(type_name: str, key: str) -> Json:
    """The minimal instance with this property in place of any other type of the same choice."""
    known = type_(type_name).properties
    made = minimal(type_name)
    for other in [k for k in made if k in known and known[k].element == known[key].element]:
        del made[other]
    return made | {key: value(known[key])}


def value(item: Property) -> Any:
    """A valid value of one property, in an array where one is due."""
    one = _one(item)
    return [one] if item.many else one


def _one(item: Property) -> Any:
    if item.type == "code" and item.codes:
        return min(all_codes(item.codes))
    if item.primitive:
        return _PRIMITIVES[item.type]
    if item.codes:
        system, listed = next(iter(codes(item.codes).items()))
        return {"coding": [{"system": system, "code": min(listed)}]}
    if item.type == "Resource":
        return minimal("Basic")
    if item.type == "Reference":
        return {"reference": f"{min(item.targets, default='Basic')}/1"}
    return minimal(item.type)
