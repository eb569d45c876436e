"""What kind of observation a result is, where its code or its section says so."""

from wherry.fhir.systems import LOINC, OBSERVATION_CATEGORY
from wherry.resource import CodeableConcept
from wherry_hl7.mapping.table import Table

# Source: FHIR R4 vital signs profile, the LOINC codes it requires
VITAL_SIGNS = frozenset(
    """85353-1 9279-1 8867-4 2708-6 59408-5 8310-5 8302-2 9843-4 29463-7 39156-5 85354-9 8480-6
    8462-4 8478-0 8287-5 8289-1 59575-1 59576-9 77606-2""".split()  # noqa: SIM905 - as the table
)

# Charted with the vital signs and read with them: oxygen flow and fraction, level of consciousness.
# Source: US Core pulse oximetry profile (3151-8, 3150-6); RCP NEWS2 observation chart
CHARTED_WITH_THEM = frozenset({"3151-8", "3150-6", "67775-7", "80288-4", "11454-5", "9269-2"})

WITH_VITAL_SIGNS = VITAL_SIGNS | CHARTED_WITH_THEM

VITAL: list[CodeableConcept] = [
    {"coding": [{"system": OBSERVATION_CATEGORY, "code": "vital-signs", "display": "Vital Signs"}]}
]


def is_vital(code: CodeableConcept) -> bool:
    """Whether a LOINC code of this concept is a vital sign."""
    for coding in code.get("coding", ()):
        if coding.get("code") in WITH_VITAL_SIGNS and coding.get("system") == LOINC:
            return True
    return False


def of_section(section: str, sections: Table) -> list[CodeableConcept]:
    """What OBR-24 says; nothing when it does not tell."""
    row = sections.find(section) if section else None
    if row is None or not row.to:
        return []
    return [{"coding": [{"system": row.system, "code": row.to, "display": row.display}]}]
