"""An answer about consciousness becomes one of A, C, V, P, U, or CVPU for a GCS below 15."""

from decimal import Decimal

from wherry.fhir.systems import LOINC, SNOMED
from wherry_risk.model.answers import Answers
from wherry_risk.model.spec import Code, Range

ALERT = "A"
BELOW_ALERT = "CVPU"
WORST_FIRST = ("U", "P", "V", "C", BELOW_ALERT, ALERT)

GCS_TOTAL = Code(LOINC, "9269-2")
GCS_RANGE = Range(Decimal(3), Decimal(15))

# Sources: LOINC answer list of 67775-7, with LA6560-2 for the C that NEWS2 added to AVPU; SNOMED CT
# values of the NHS ACVPU scale 1104441000000107. RCP NEWS2 2017: C is new confusion, and confusion
# counts as new until it is known not to be.
ANSWERS = Answers(
    codes={
        Code(LOINC, "LA9340-6"): "A",
        Code(LOINC, "LA6560-2"): "C",
        Code(LOINC, "LA17108-4"): "V",
        Code(LOINC, "LA17107-6"): "P",
        Code(LOINC, "LA9343-0"): "U",
        Code(SNOMED, "248234008"): "A",
        Code(SNOMED, "130987000"): "C",
        Code(SNOMED, "300202002"): "V",
        Code(SNOMED, "450847001"): "P",
        Code(SNOMED, "422768004"): "U",
    },
    texts={
        **dict.fromkeys(("a", "alert", "mentally alert", "fully alert", "awake and alert"), "A"),
        **dict.fromkeys(("c", "confusion", "confused", "new confusion"), "C"),
        **dict.fromkeys(("new onset confusion", "new-onset confusion", "acute confusion"), "C"),
        **dict.fromkeys(("v", "voice", "verbal", "responds to voice", "response to voice"), "V"),
        **dict.fromkeys(("voice responsive", "responds to verbal stimuli"), "V"),
        **dict.fromkeys(("p", "pain", "painful", "responds to pain", "response to pain"), "P"),
        **dict.fromkeys(("pain responsive", "responds to painful stimuli"), "P"),
        **dict.fromkeys(("u", "unresponsive"), "U"),
    },
)


def from_gcs(total: Decimal) -> str:
    """A at 15 and CVPU below: NEWS2 gives every level below alert the same three points."""
    return ALERT if total == GCS_RANGE.high else BELOW_ALERT
