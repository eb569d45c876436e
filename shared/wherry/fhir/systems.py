"""The names of the world's code systems and of our own extensions and identifier systems."""

from functools import lru_cache
from urllib.parse import quote

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
MDC = "urn:iso:std:iso:11073:10101"
US_NPI = "http://hl7.org/fhir/sid/us-npi"
US_SSN = "http://hl7.org/fhir/sid/us-ssn"

_THO = "http://terminology.hl7.org/CodeSystem/"
IDENTIFIER_TYPE = _THO + "v2-0203"
OBSERVATION_CATEGORY = _THO + "observation-category"
DATA_ABSENT = _THO + "data-absent-reason"
INTERPRETATION = _THO + "v3-ObservationInterpretation"
ACT_REASON = _THO + "v3-ActReason"
ACT_CODE = _THO + "v3-ActCode"
CONFIDENTIALITY = _THO + "v3-Confidentiality"
NULL_FLAVOR = _THO + "v3-NullFlavor"
PARTICIPATION = _THO + "v3-ParticipationType"
MARITAL_STATUS = _THO + "v3-MaritalStatus"
PROVENANCE_AGENT = _THO + "provenance-participant-type"
DIAGNOSTIC_SECTION = _THO + "v2-0074"

DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
OBSERVATION_VALUE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"
GATEWAY = "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice"
NOTE = "http://hl7.org/fhir/StructureDefinition/note"

SOURCE_TIME = "urn:wherry:fhir:source-time"
DEVICE_QUALITY = "urn:wherry:devices:quality"
"""The code system of our tags on readings that are not quite what they seem, such as suspect."""
DEVICE_BASELINE = "urn:wherry:devices:baseline"
"""The code system of what is usual for a person; its codes are those of LOINC for the kinds."""
SOURCE_VALUE = "urn:wherry:fhir:source-value"
"""The text of a source field that FHIR's type for it cannot hold."""


def v2_table(number: str) -> str:
    """The code system of an HL7-defined v2 table, e.g. 0074."""
    return f"{_THO}v2-{number}"


@lru_cache(maxsize=4096)
def ours(*parts: str) -> str:
    """A URN of our own under urn:wherry, its parts percent-encoded: ("hl7", "A B") is hl7:A%20B."""
    return ":".join(("urn:wherry", *(quote(part, safe="") for part in parts)))
