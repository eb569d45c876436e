"""What `fn:` names in the maps: rules that a line of a map cannot say."""

from wherry_hl7.translate.functions import (
    notes,
    observation,
    occurrence,
    order,
    order_numbers,
    patient,
    report,
    requester,
    visit,
)

__all__ = [
    "notes",
    "observation",
    "occurrence",
    "order",
    "order_numbers",
    "patient",
    "report",
    "requester",
    "visit",
]
