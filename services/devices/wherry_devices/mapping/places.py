"""Where on the body and in which posture something was measured, in the codes of SNOMED CT."""

from collections.abc import Mapping

from wherry.fhir.systems import SNOMED
from wherry.resource import CodeableConcept

POSITION = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"

_LEFT_ARM = ("368208006", "Left upper arm structure")
_RIGHT_ARM = ("368209003", "Right upper arm structure")
_LEFT_WRIST = ("5951000", "Structure of left wrist region")
_RIGHT_WRIST = ("9736006", "Structure of right wrist region")
_SITTING = ("33586001", "Sitting position")
_STANDING = ("10904000", "Orthostatic body position")
_LYING = ("102538003", "Recumbent body position")
# Words of Health Connect and Open mHealth, in lower case with spaces. Source: Health Connect
# BloodPressureRecord; OMH body-posture 1.0, measurement-location; CardX value set of positions.
_PLACES: Mapping[str, tuple[str, str]] = {
    "left upper arm": _LEFT_ARM,
    "right upper arm": _RIGHT_ARM,
    "left wrist": _LEFT_WRIST,
    "right wrist": _RIGHT_WRIST,
}
_POSITIONS: Mapping[str, tuple[str, str]] = {
    "sitting": _SITTING,
    "sitting down": _SITTING,
    "standing": _STANDING,
    "standing up": _STANDING,
    "lying down": _LYING,
}


def site(text: str) -> CodeableConcept:
    """A part of the body; a word that is in no table stays a word."""
    return _concept(text, _PLACES)


def position(text: str) -> CodeableConcept:
    """A posture, likewise. Source: FHIR R4 observation-bodyPosition."""
    return _concept(text, _POSITIONS)


def _concept(text: str, known: Mapping[str, tuple[str, str]]) -> CodeableConcept:
    found = known.get(text.lower().replace("_", " ").strip())
    if found is None:
        return {"text": text}
    code, display = found
    return {"coding": [{"system": SNOMED, "code": code, "display": display}], "text": text}
