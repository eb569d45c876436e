"""Observations of which one was derived from the other are linked, whichever comes first."""

from collections.abc import Iterable

from wherry.fhir.identity import full_url, search_url
from wherry.resource import Identifier, Link, Resource, Translation

_TYPE = "Observation"


def searches(batch: Iterable[Translation]) -> dict[str, str]:
    """Both ends of all links of a batch: the search that finds each, by full URL."""
    return {
        url(named): search_url(_TYPE, named)
        for translation in batch
        for link in translation.links
        for named in (link.of, link.to)
    }


def url(named: Identifier) -> str:
    """The full URL of the Observation known by this identifier."""
    return full_url(_TYPE, named["system"], named["value"])


def linked(resource: Resource, to: str, link: Link) -> Resource:
    """The resource, derived from `to`; itself when it says so already."""
    known = resource.get("derivedFrom", [])
    made = resource
    if not any(one.get("reference") == to for one in known):
        made = {**made, "derivedFrom": [*known, {"reference": to}]}
    meta = resource.get("meta", {})
    profiles = meta.get("profile", [])
    if link.profile and link.profile not in profiles:
        made = {**made, "meta": {**meta, "profile": [*profiles, link.profile]}}
    return made
