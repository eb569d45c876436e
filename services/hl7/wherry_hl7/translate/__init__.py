"""HL7 v2 messages to FHIR R4 transactions, as pure functions."""

from wherry_hl7.translate.message import translate
from wherry_hl7.translate.sender import DEFAULT, Sender

__all__ = ["DEFAULT", "Sender", "translate"]
