"""Why a clinician may set a card aside, as Codings."""

from wherry.resource import Coding

_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

# Source: CDS Hooks 3.0 ballot, override reasons; the displays are ours
_REASONS = (
    ("action-completed", "Already addressed"),
    ("patient-ineligible", "Not applicable to this patient"),
    ("need-more-info", "Data wrong or out of date"),
    ("inappropriate-recipient", "Not my patient or role"),
    ("recipient-does-not-trust", "Disagree with the score"),
    ("wrong-time-workflow", "Will monitor, or later"),
)


def override_reasons() -> list[Coding]:
    """The six reasons that each score card offers."""
    return [{"system": _SYSTEM, "code": code, "display": display} for code, display in _REASONS]
