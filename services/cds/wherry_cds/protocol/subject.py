"""Whether a resource is about the patient of the call; in doubt it is not."""

import re
from collections.abc import Iterator

from wherry.resource import Resource
from wherry_cds.protocol.servers import same_server

# Source: FHIR R4 References, literal references with an optional base and version
_PATIENT = re.compile(
    r"(?:(?P<base>https?://.+)/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/[^/]+)?"
)
# Source: FHIR R4, elements that name the patient of a resource: one or the other by its type
_ELEMENTS = ("subject", "patient", "for", "beneficiary")


def is_about(resource: Resource, patient_id: str, base: str) -> bool:
    """Whether this Patient is that patient, or this resource's subject is.

    An absolute reference must name the server `base` when that one is known: the same id on
    another server is another person.
    """
    if resource.get("resourceType") == "Patient":
        return bool(resource.get("id") == patient_id)
    named = list(_references(resource))
    return bool(named) and all(_is(reference, patient_id, base) for reference in named)


def is_about_another(resource: Resource, patient_id: str, base: str) -> bool:
    """Whether this resource names a patient, and another one: drafts may name none yet."""
    if resource.get("resourceType") == "Patient":
        return bool(resource.get("id", patient_id) != patient_id)
    return any(
        _PATIENT.fullmatch(reference) and not _is(reference, patient_id, base)
        for reference in _references(resource)
    )


def _references(resource: Resource) -> Iterator[str]:
    """What stands in these elements; an empty text where there is no literal reference."""
    for element in _ELEMENTS:
        value = resource.get(element)
        if value is not None:
            reference = value.get("reference") if isinstance(value, dict) else None
            yield reference if isinstance(reference, str) else ""


def _is(reference: str, patient_id: str, base: str) -> bool:
    found = _PATIENT.fullmatch(reference)
    if found is None or found["id"] != patient_id:
        return False
    return not (found["base"] and base) or same_server(found["base"], base)
