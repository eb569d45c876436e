"""What `as:` names in the maps: one repetition or text becomes one FHIR value."""

from wherry_hl7.translate.converters import (
    codes,
    dates,
    identifiers,
    money,
    people,
    places,
    telecom,
)

__all__ = ["codes", "dates", "identifiers", "money", "people", "places", "telecom"]
