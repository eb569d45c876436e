"""What `fn:` names in the maps: rules that a line of a map cannot say."""

from wherry_hl7.translate.functions import (
    linking,
    merging,
    notes,
    observation,
    patient,
    report,
    stays,
    visit,
)

__all__ = ["linking", "merging", "notes", "observation", "patient", "report", "stays", "visit"]
