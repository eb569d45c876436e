"""Where a stay is, for rows and analytics."""

from collections.abc import Mapping, Sequence

from wherry.resource import Resource


def unit_of(resources: Sequence[Resource], names: Mapping[str, str]) -> str:
    """The site's name of the unit of the encounter; "" when it is not known or has no name.

    Source: FHIR R4 Encounter.location; the last that is not over.
    """
    found = [
        names[reference]
        for resource in resources
        if resource.get("resourceType") == "Encounter"
        for location in resource.get("location", ())
        if location.get("status") != "completed"
        and (reference := location.get("location", {}).get("reference", "")) in names
    ]
    return found[-1] if found else ""
