"""What `fn:` names in the maps: rules that a line of a map cannot say."""

from wherry_hl7.translate.functions import (
    alarm,
    equipment,
    interpretation,
    links,
    narrative,
    notes,
    observation,
    ordered,
    patient,
    performers,
    ranges,
    report,
    result,
    specimen,
    visit,
)

__all__ = [
    "alarm",
    "equipment",
    "interpretation",
    "links",
    "narrative",
    "notes",
    "observation",
    "ordered",
    "patient",
    "performers",
    "ranges",
    "report",
    "result",
    "specimen",
    "visit",
]
