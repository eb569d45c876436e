"""What `fn:` names in the maps: rules that a line of a map cannot say."""

from wherry_hl7.translate.functions import (
    appointment,
    appointment_parties,
    appointment_time,
    appointment_whole,
    immunization,
    immunization_facts,
    immunization_place,
    notes,
    observation,
    patient,
    report,
    visit,
)

__all__ = [
    "appointment",
    "appointment_parties",
    "appointment_time",
    "appointment_whole",
    "immunization",
    "immunization_facts",
    "immunization_place",
    "notes",
    "observation",
    "patient",
    "report",
    "visit",
]
