"""A FHIR resource as JSON in, what is wrong with it by R4 4.0.1 out."""

from wherry.resource import Issue, Resource


def problems(resource: Resource) -> list[Issue]:
    """What keeps this resource from being valid FHIR R4; empty when it is valid."""
    if not isinstance(resource, dict):
        return [Issue("", "expected a JSON object")]
    if not isinstance(resource.get("resourceType"), str):
        return [Issue("resourceType", "expected the name of an R4 resource type")]
    return []
