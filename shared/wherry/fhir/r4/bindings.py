"""A CodeableConcept with a required binding → whether it is from the value set."""

from collections.abc import Mapping
from typing import Any

from wherry.fhir.r4.tables import all_codes, codes

_MOST_NAMED = 12


def is_bound(concept: Mapping[str, Any], value_set: str) -> bool:
    """Whether one of the codings is in the value set, or an extension says why there is none.

    Source: FHIR R4 terminologies.html#required.
    """
    if "coding" not in concept:
        return "extension" in concept and "text" not in concept
    allowed = codes(value_set)
    return any(
        coding.get("code") in allowed.get(coding.get("system", ""), ())
        for coding in concept["coding"]
    )


def expected(value_set: str) -> str:
    """What a required binding expects, in words."""
    listed = sorted(all_codes(value_set))
    if len(listed) > _MOST_NAMED:
        return f"expected a code of the value set {value_set}"
    return f"expected one of {', '.join(listed)} ({value_set})"
