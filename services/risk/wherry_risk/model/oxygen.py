"""Oxygen flow, inspired fraction or a coded answer becomes "oxygen" or "air"."""

from decimal import Decimal

from wherry.fhir.systems import LOINC, SNOMED
from wherry_risk.model.answers import Answers
from wherry_risk.model.spec import Code, Range

AIR = "air"
OXYGEN = "oxygen"
WORST_FIRST = (OXYGEN, AIR)

FLOW = Code(LOINC, "3151-8")
FRACTION = Code(LOINC, "3150-6")
ON_OXYGEN = Code(SNOMED, "371825009")

# Unit, plausible range, and the highest value that is still room air. 20 % is allowed because some
# charts print room air as 20.9.
MEASURED: dict[Code, tuple[str, Range, Decimal]] = {
    FLOW: ("L/min", Range(Decimal(0), Decimal(100)), Decimal(0)),
    FRACTION: ("%", Range(Decimal(20), Decimal(100)), Decimal(21)),
}

# Sources: SNOMED CT (373066001 and 373067005 are yes and no to 371825009); LOINC yes and no.
ANSWERS = Answers(
    codes={
        Code(SNOMED, "722742002"): AIR,
        Code(SNOMED, "371825009"): OXYGEN,
        Code(SNOMED, "373066001"): OXYGEN,
        Code(SNOMED, "373067005"): AIR,
        Code(LOINC, "LA33-6"): OXYGEN,
        Code(LOINC, "LA32-8"): AIR,
    },
    texts={
        **dict.fromkeys(("air", "ra", "room air", "on room air", "breathing room air"), AIR),
        **dict.fromkeys(("oxygen", "o2", "on oxygen", "supplemental oxygen"), OXYGEN),
        **dict.fromkeys(("nasal cannula", "nasal prongs", "face mask", "simple mask"), OXYGEN),
        **dict.fromkeys(("simple face mask", "venturi mask", "reservoir mask"), OXYGEN),
        **dict.fromkeys(("non-rebreather mask", "high flow nasal cannula"), OXYGEN),
    },
)


def from_measured(code: Code, value: Decimal) -> str:
    """Oxygen when the flow is above zero or the inspired fraction is above that of room air."""
    _, _, still_air = MEASURED[code]
    return OXYGEN if value > still_air else AIR
