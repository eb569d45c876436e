"""Whether a resource is about the patient of the call; in doubt it is not."""

import re

from wherry.resource import Resource
from wherry_cds.protocol.servers import same_server

# Source: FHIR R4 References, literal references with an optional base and version
_PATIENT = re.compile(
    r"(?:(?P<base>https?://.+)/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/[^/]+)?"
)


def is_about(resource: Resource, patient_id: str, base: str) -> bool:
    """Whether this Patient is that patient, or this resource's subject is.

    An absolute reference must name the server `base` when that one is known: the same id on
    another server is another person.
    """
    if resource.get("resourceType") == "Patient":
        return resource.get("id") == patient_id
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    found = _PATIENT.fullmatch(reference) if isinstance(reference, str) else None
    if found is None or found["id"] != patient_id:
        return False
    return not (found["base"] and base) or same_server(found["base"], base)
