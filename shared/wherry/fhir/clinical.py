"""An allergy or a problem after one more message: its two statuses never contradict each other."""

from typing import Any

from wherry.resource import Resource

_ERROR = "entered-in-error"
_STATED = frozenset({"AllergyIntolerance", "Condition"})


def settle(merged: Resource, said: Resource) -> None:
    """Take out of `merged` the status that what was `said` last has overtaken.

    One taken back has no clinical status; one stated again after that is no error any more.
    Source: FHIR R4 AllergyIntolerance ait-1 and ait-2, Condition con-3 and con-5.
    """
    if merged["resourceType"] not in _STATED or not _is_error(merged):
        return
    if _is_error(said):
        merged.pop("clinicalStatus", None)
    else:
        merged.pop("verificationStatus", None)


def _is_error(resource: Resource) -> bool:
    status: dict[str, Any] = resource.get("verificationStatus", {})
    return any(coding.get("code") == _ERROR for coding in status.get("coding", ()))
