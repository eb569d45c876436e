"""A small case for each binding, reference rule and invariant of R4; all data are synthetic."""

from typing import Any

import pytest

from wherry.fhir.check import problems
from wherry.testing.r4_resources import (
    DIV,
    ORGANIZATION,
    UUID,
    bundle,
    clinical,
    condition,
    encounter,
    entry,
    observation,
    patient,
)

CODE = {"coding": [{"system": "http://example.org/codes", "code": "1"}]}
EXTENSION = {"url": "http://example.org/extension", "valueCode": "x"}
REF_O = {"reference": "#o"}

# fmt: off
INVALID: list[tuple[str, Any, str, str]] = [
    # what is wrong, resource, where, the text contains
    ("status not in the value set", observation(status="banana"),
     "Observation.status", "observation-status"),
    ("gender in capitals", patient(gender="Male"),
     "Patient.gender", "female, male, other, unknown"),
    ("coded status of another system",
     condition(clinicalStatus={"coding": [{"system": "urn:x", "code": "active"}]}),
     "Condition.clinicalStatus", "condition-clinical"),
    ("coded status as text", condition(clinicalStatus={"text": "active"}),
     "Condition.clinicalStatus", "condition-cl"),
    ("wrong target", observation(subject={"reference": "Condition/1"}),
     "Observation.subject.reference", "Patient"),
    ("wrong target of a server", observation(subject={"reference": "http://a.example/Condition/1"}),
     "Observation.subject.reference", "Patient or Group"),
    ("wrong target of a query", observation(subject={"reference": "Condition?code=1"}),
     "Observation.subject.reference", "Patient or Group"),
    ("wrong contained target",
     patient(contained=[patient(id="b")], managingOrganization={"reference": "#b"}),
     "Patient.managingOrganization.reference", "Organization"),
    ("reference without type", observation(subject={"reference": "1"}),
     "Observation.subject.reference", "Type/id"),
    ("reference to no R4 type", observation(focus=[{"reference": "Transport/1"}]),
     "Observation.focus[0].reference", "Type/id"),
    ("urn:uuid that is none", observation(subject={"reference": "urn:uuid:1"}),
     "Observation.subject.reference", "urn"),
    ("type not allowed", observation(subject={"type": "Condition", "display": "x"}),
     "Observation.subject.type", "Pat"),
    ("type against reference", observation(subject={"type": "Group", "reference": "Patient/1"}),
     "Observation.subject", "agrees"),
    ("local reference to nothing", patient(managingOrganization={"reference": "#o"}),
     "Patient.managingOrganization.reference", "ref-1"),
    ("contained is unused", patient(contained=[ORGANIZATION]), "Patient.contained[0]", "dom-3"),
    ("contained in contained",
     patient(contained=[ORGANIZATION | {"contained": [ORGANIZATION], "partOf": REF_O}]),
     "Patient.contained[0]", "dom-2"),
    ("contained with version",
     patient(contained=[ORGANIZATION | {"meta": {"versionId": "1"}}], managingOrganization=REF_O),
     "Patient.contained[0]", "dom-4"),
    ("contained is broken", patient(contained=[patient(gender=1)]),
     "Patient.contained[0].gender", "code"),
    ("extension without url", patient(extension=[{"valueCode": "x"}]),
     "Patient.extension[0].url", "missing"),
    ("extension without value", patient(extension=[{"url": "u"}]), "Patient.extension[0]", "ext-1"),
    ("extension with both",
     patient(extension=[{"url": "u", "valueCode": "x", "extension": [EXTENSION]}]),
     "Patient.extension[0]", "ext-1"),
    ("broken primitive extension", patient(_gender={"extension": [{"url": "u"}]}),
     "Patient.gender.extension[0]", "ext-1"),
    ("value and absent reason", observation(valueInteger=1, dataAbsentReason={"text": "x"}),
     "Observation", "obs-6"),
    ("component repeats the whole",
     observation(code=CODE, valueInteger=1, component=[{"code": CODE, "valueInteger": 1}]),
     "Observation", "obs-7"),
    ("empty reference range", observation(referenceRange=[{"type": {"text": "x"}}]),
     "Observation.referenceRange[0]", "obs-3"),
    ("comparator in a simple quantity",
     observation(referenceRange=[{"low": {"value": 1, "comparator": "<"}}]),
     "Observation.referenceRange[0].low.comparator", "not an element of SimpleQuantity"),
    ("unit code without system", observation(valueQuantity={"value": 1, "code": "g"}),
     "Observation.valueQuantity", "qty-3"),
    ("range upside down", observation(valueRange={"low": {"value": 2}, "high": {"value": 1}}),
     "Observation.valueRange", "rng-2"),
    ("half a ratio", observation(valueRatio={"numerator": {"value": 1}}),
     "Observation.valueRatio", "rat-1"),
    ("period upside down", encounter(period={"start": "2026-03-02", "end": "2026-03-01"}),
     "Encounter.period", "per-1"),
    ("period upside down by zone",
     encounter(period={"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T09:00:00+05:00"}),
     "Encounter.period", "per-1"),
    ("length without UCUM", encounter(length={"value": 1, "code": "d", "system": "urn:x"}),
     "Encounter.length", "drt-1"),
    ("contact value without system", patient(telecom=[{"value": "1"}]),
     "Patient.telecom[0]", "cpt-2"),
    ("contact person of nothing", patient(contact=[{"gender": "male"}]),
     "Patient.contact[0]", "pat-1"),
    ("organization of nothing", {"resourceType": "Organization", "active": True},
     "Organization", "org-1"),
    ("home of an organization", ORGANIZATION | {"address": [{"use": "home"}]},
     "Organization", "org-2"),
    ("abated and active", condition(clinicalStatus=clinical("active"), abatementString="x"),
     "Condition", "con-4"),
    ("probability over 100",
     {"resourceType": "RiskAssessment", "status": "final", "subject": {"reference": "Patient/1"},
      "prediction": [{"probabilityDecimal": 101}]},
     "RiskAssessment.prediction[0]", "ras-2"),
    ("script in narrative",
     patient(text={"status": "generated", "div": DIV.format("<script>x</script>")}),
     "Patient.text.div", "no scripts"),
    ("handler in narrative",
     patient(text={"status": "generated", "div": DIV.format('<p onclick="x">a</p>')}),
     "Patient.text.div", "no handlers"),
    ("narrative without namespace", patient(text={"status": "generated", "div": "<div>a</div>"}),
     "Patient.text.div", "namespace"),
    ("entry without request", bundle("transaction", {"resource": patient()}), "Bundle", "bdl-3"),
    ("total in a transaction", bundle("transaction", entry(patient()), total=1), "Bundle", "bdl-1"),
    ("fullUrl twice", bundle("transaction", entry(patient()), entry(patient())), "Bundle", "bdl-7"),
    ("entry of nothing", bundle("collection", {"fullUrl": UUID}), "Bundle.entry[0]", "bdl-5"),
    ("resource of an entry", bundle("transaction", entry(patient(gender="m"))),
     "Bundle.entry[0].resource.gender", "one of"),
    ("unknown resource in an entry", bundle("transaction", entry({"resourceType": "X"})),
     "Bundle.entry[0].resource.resourceType", "R4 resource type"),
    ("resource in Parameters",
     {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": patient(id="_")}]},
     "Parameters.parameter[0].resource.id", "1 to 64"),
]
# fmt: on


@pytest.mark.parametrize(
    ("resource", "at", "text"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_a_broken_rule_is_told_by_element_and_expectation(
    resource: Any, at: str, text: str
) -> None:
    (found,) = problems(resource)

    assert (found.at, text in found.text) == (at, True)
