"""A small case for each structural rule and primitive format of R4; all data are synthetic."""

from decimal import Decimal
from typing import Any

import pytest

from wherry.fhir.check import problems
from wherry.testing.r4_resources import UUID, encounter, observation, patient

# fmt: off
INVALID: list[tuple[str, Any, str, str]] = [
    # what is wrong, resource, where, the text contains
    ("not an object", ["Patient"], "resource", "JSON object"),
    ("no type", {}, "resourceType", "R4 resource type"),
    ("type of R5", {"resourceType": "Transport"}, "resourceType", "R4 resource type"),
    ("abstract type", {"resourceType": "DomainResource"}, "resourceType", "R4 resource type"),
    ("a datatype", {"resourceType": "HumanName"}, "resourceType", "R4 resource type"),
    ("unknown element", patient(surname="x"), "Patient.surname", "not an element of Patient"),
    ("unknown in datatype", patient(name=[{"last": "x"}]), "Patient.name[0].last", "HumanName"),
    ("resourceType in datatype", patient(name=[{"text": "x", "resourceType": "HumanName"}]),
     "Patient.name[0].resourceType", "not an element"),
    ("element of R5", encounter(actualPeriod={}), "Encounter.actualPeriod", "not an element"),
    ("extension beside an object", patient(_name=[{}]), "Patient._name", "not an element"),
    ("extension beside an element id", patient(name=[{"text": "x", "_id": {}}]),
     "Patient.name[0]._id", "not an"),
    ("missing primitive", observation(status=None), "Observation.status", "missing"),
    ("missing object", observation(code=None), "Observation.code", "missing"),
    ("missing choice",
     {"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "x"},
      "patient": {"reference": "Patient/1"}},
     "Immunization.occurrence[x]", "missing"),
    ("two of a choice", observation(valueString="a", valueInteger=1),
     "Observation.value[x]", "several"),
    ("choice of a wrong type", observation(valueDecimal=1),
     "Observation.valueDecimal", "not an element"),
    ("single for array", patient(name={"text": "x"}), "Patient.name", "array"),
    ("array for single", patient(gender=["male"]), "Patient.gender", "single"),
    ("array for object", observation(code=[{"text": "x"}]), "Observation.code", "single"),
    ("array in array", patient(name=[[{"text": "x"}]]), "Patient.name[0]", "single"),
    ("empty array", patient(name=[]), "Patient.name", "at least one"),
    ("empty object", patient(maritalStatus={}), "Patient.maritalStatus", "ele-1"),
    ("only an id", patient(maritalStatus={"id": "1"}), "Patient.maritalStatus", "ele-1"),
    ("only an id for a value", patient(_gender={"id": "1"}), "Patient.gender", "ele-1"),
    ("empty string", patient(name=[{"family": ""}]), "Patient.name[0].family", "non-empty"),
    ("null", patient(gender=None), "Patient.gender", "code"),
    ("null object", patient(name=[None]), "Patient.name[0]", "JSON object"),
    ("null in primitive array", patient(name=[{"given": ["A", None]}]),
     "Patient.name[0].given[1]", "non-empty"),
    ("arrays of two lengths", patient(name=[{"given": ["A"], "_given": [None, {"id": "1"}]}]),
     "Patient.name[0].given", "one length"),
    ("NUL in string", patient(name=[{"family": "a\x00"}]), "Patient.name[0].family", "control"),
    ("lone surrogate", patient(name=[{"family": "\ud800"}]), "Patient.name[0].family", "string"),
    ("number for string", patient(name=[{"family": 1}]), "Patient.name[0].family", "string"),
    ("string for boolean", patient(active="true"), "Patient.active", "true or false"),
    ("1 for boolean", patient(active=1), "Patient.active", "true or false"),
    ("boolean for integer", patient(multipleBirthInteger=True),
     "Patient.multipleBirthInteger", "32 bits"),
    ("integer of 33 bits", patient(multipleBirthInteger=2**31),
     "Patient.multipleBirthInteger", "32 bits"),
    ("fraction for integer", patient(multipleBirthInteger=Decimal("1.5")),
     "Patient.multipleBirthInteger", "32"),
    ("zero for positiveInt", patient(telecom=[{"rank": 0}]), "Patient.telecom[0].rank", "from 1"),
    ("string for decimal", observation(valueQuantity={"value": "1"}),
     "Observation.valueQuantity.value", "number"),
    ("boolean for decimal", observation(valueQuantity={"value": True}),
     "Observation.valueQuantity.value", "number"),
    ("NaN", observation(valueQuantity={"value": Decimal("NaN")}),
     "Observation.valueQuantity.value", "number"),
    ("infinite float", observation(valueQuantity={"value": float("inf")}),
     "Observation.valueQuantity.value", "num"),
    ("id too long", patient(id="a" * 65), "Patient.id", "1 to 64"),
    ("id with underscore", patient(id="a_b"), "Patient.id", "1 to 64"),
    ("code with two blanks", patient(language="a  b"), "Patient.language", "code"),
    ("code with a blank at the end", patient(language="en "), "Patient.language", "code"),
    ("uri with a blank", patient(implicitRules="a b"), "Patient.implicitRules", "URI"),
    ("oid without urn", patient(extension=[{"url": "u", "valueOid": "1.2.3"}]),
     "Patient.extension[0].valueOid", "OID"),
    ("uuid without urn", patient(extension=[{"url": "u", "valueUuid": UUID[9:]}]),
     "Patient.extension[0].valueUuid", "UUID"),
    ("base64 cut off", {"resourceType": "Binary", "contentType": "a/b", "data": "dGVzdA="},
     "Binary.data", "base64"),
    ("31 February", patient(birthDate="2026-02-31"), "Patient.birthDate", "exists"),
    ("29 February of a common year", patient(birthDate="2026-02-29"),
     "Patient.birthDate", "exists"),
    ("29 February of a century", patient(birthDate="1900-02-29"), "Patient.birthDate", "exists"),
    ("31 April", patient(birthDate="2026-04-31"), "Patient.birthDate", "exists"),
    ("month 13", patient(birthDate="2026-13"), "Patient.birthDate", "exists"),
    ("year zero", patient(birthDate="0000-01-01"), "Patient.birthDate", "exists"),
    ("date with time", patient(birthDate="2026-01-01T08:00:00Z"), "Patient.birthDate", "exists"),
    ("HL7 v2 date", patient(birthDate="20260101"), "Patient.birthDate", "YYYY-MM-DD"),
    ("time without zone", observation(effectiveDateTime="2026-01-01T08:00:00"),
     "Observation.effectiveDateTime", "offset"),
    ("time without seconds", observation(effectiveDateTime="2026-01-01T08:00Z"),
     "Observation.effectiveDateTime", "seconds"),
    ("hour 24", observation(effectiveDateTime="2026-01-01T24:00:00Z"),
     "Observation.effectiveDateTime", "exists"),
    ("offset of 15 hours", observation(effectiveDateTime="2026-01-01T08:00:00+15:00"),
     "Observation.effectiveDateTime", "offset"),
    ("instant of a day", observation(issued="2026-01-01"), "Observation.issued", "seconds"),
    ("time with zone", observation(valueTime="08:00:00Z"), "Observation.valueTime", "hh:mm:ss"),
    ("digits of another script", patient(birthDate="२०२६"), "Patient.birthDate", "exists"),
    ("line feed after a date", patient(birthDate="2026-01-01\n"), "Patient.birthDate", "exists"),
]
# fmt: on


@pytest.mark.parametrize(
    ("resource", "at", "text"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_a_broken_structure_is_told_by_element_and_expectation(
    resource: Any, at: str, text: str
) -> None:
    (found,) = problems(resource)

    assert (found.at, text in found.text) == (at, True)
