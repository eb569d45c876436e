"""The feed's people become what the FHIR server holds of them; identifiers never stand in a URL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from wherry.fhir.identity import search_url
from wherry.fhir.systems import ours
from wherry.ports import Fhir
from wherry.resource import Entry, Identifier, Resource
from wherry.suite.demo.comparison import Held, results
from wherry.suite.demo.feed import Feed, Result
from wherry.suite.demo.roster import AUTHORITY, FACILITY

LIMIT = 10_000

Identity = tuple[str, str]
Looked = Callable[[], None]


def patients(fhir: Fhir, feed: Feed) -> dict[str, list[Resource]]:
    """The Patient resources with each MRN of the feed, asked for inside one batch."""
    system = ours("hl7", FACILITY, AUTHORITY)
    wanted = [Identifier(system=system, value=mrn) for mrn in feed.mrns]
    entries = [_get(search_url("Patient", identifier)) for identifier in wanted]
    answer = fhir.send({"resourceType": "Bundle", "type": "batch", "entry": entries})
    found = [entry.get("resource", {}) for entry in answer.get("entry", [])]
    return {
        mrn: [entry["resource"] for entry in bundle.get("entry", [])]
        for mrn, bundle in zip(feed.mrns, found, strict=True)
    }


def held(fhir: Fhir, feed: Feed, *, looked: Looked) -> Held:
    """All that the feed should have left behind; `looked` is called after each person."""
    people = patients(fhir, feed)
    since = min(at for _, _, at in feed.reports).isoformat()
    made = Held(people, {}, {}, {}, {}, {})
    for mrn, found in people.items():
        about = [{"patient": patient["id"]} for patient in found]
        recent = [{**params, "date": f"ge{since}"} for params in about]
        made.encounters[mrn] = _all(fhir, "Encounter", about)
        made.reports[mrn] = _all(fhir, "DiagnosticReport", recent)
        made.observations[mrn] = _all(fhir, "Observation", recent)
        made.problems[mrn] = _all(fhir, "Condition", about)
        made.allergies[mrn] = _all(fhir, "AllergyIntolerance", about)
        looked()
    return made


def known_by(fhir: Fhir, system: str, patient_id: str, types: Sequence[str]) -> list[Identity]:
    """Type and identifier of what this patient has of these types, known in this system."""
    return [
        (type_, str(identifier.get("value", "")))
        for type_ in types
        for resource in _all(fhir, type_, [{"patient": patient_id}])
        for identifier in resource.get("identifier", [])
        if identifier.get("system") == system
    ]


def readings(fhir: Fhir, mrn: str, patient_id: str, day: datetime) -> list[Result]:
    """The values of one person's Observations from that moment on."""
    since = {"patient": patient_id, "date": f"ge{day.isoformat()}"}
    return [
        result
        for observation in _all(fhir, "Observation", [since])
        for result in results(mrn, observation)
    ]


def _get(url: str) -> Entry:
    return {"request": {"method": "GET", "url": url}}


def _all(fhir: Fhir, type_: str, searches: Sequence[Mapping[str, str]]) -> list[Resource]:
    return [
        resource
        for params in searches
        for resource in fhir.search(type_, {**params, "_count": "200"}, limit=LIMIT)
    ]
