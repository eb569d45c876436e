"""What pointed to a thing that was merged or moved points to where it is now."""

from collections.abc import Callable, Mapping, Sequence

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import transaction
from wherry.fhir.interval import interval
from wherry.fhir.references import resolved_everywhere
from wherry.ports import Fhir
from wherry.resource import Entry, Resource

AT_ONCE = 100
"""Resources of one type that are read and written together."""

MOST = 1_000_000
"""Resources of one type of one patient."""

TRIES = 3
_RACED = frozenset({Kind.STALE, Kind.CONFLICT})

Change = Callable[[Resource], Resource]

# What belongs to a patient, a visit or an account. The search parameter is R4's; the record of a
# message (Provenance) keeps what it said. Source: FHIR R4 CompartmentDefinition patient, encounter.
_BELONGING: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Patient": {
        "patient": (
            *("Account", "AllergyIntolerance", "Appointment", "CarePlan", "ChargeItem"),
            *("Communication", "Condition", "Consent", "Coverage", "Device", "DeviceUseStatement"),
            *("DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare"),
            *("FamilyMemberHistory", "Flag", "Goal", "ImagingStudy", "Immunization"),
            *("MedicationAdministration", "MedicationDispense", "MedicationRequest"),
            *("MedicationStatement", "NutritionOrder", "Observation", "Procedure"),
            *("QuestionnaireResponse", "RelatedPerson", "RiskAssessment", "ServiceRequest"),
            *("Specimen", "Task"),
        )
    },
    "Encounter": {
        "encounter": (
            *("CarePlan", "Communication", "Condition", "DiagnosticReport", "DocumentReference"),
            *("Flag", "MedicationRequest", "NutritionOrder", "Observation", "Procedure"),
            *("QuestionnaireResponse", "RiskAssessment", "ServiceRequest", "Task"),
        ),
        "context": ("ChargeItem", "MedicationAdministration", "MedicationDispense"),
    },
    "Account": {"account": ("ChargeItem", "Encounter")},
}
# A server that has no such type or parameter has nothing of it.
_UNKNOWN_THERE = frozenset({Kind.UNPROCESSABLE, Kind.NOT_FOUND, Kind.FORBIDDEN})


def repointed(old: str, new: str, fhir: Fhir) -> int:
    """Point all that belongs to `old` (Type/id) to `new`; how many resources were written.

    May be done any number of times. Raises: what `Fhir.send` raises;
    Failure(CONFLICT) when somebody else keeps writing the same resources.
    """
    return _rewritten(old, lambda resource: resolved_everywhere(resource, {old: new}), fhir)


def followed(holder: str, patient: str, fhir: Fhir, *, source: str = "", before: str = "") -> int:
    """Make all that was said in a visit or account (Type/id) be about this patient.

    `source` is the message that says so: an earlier one that comes again says nothing new then.
    `before`: only what was stored before this instant, for what came later was said knowingly.
    Raises: as `repointed`.
    """

    def about(resource: Resource) -> Resource:
        if before and not _earlier(resource, before):
            return resource
        return _about(resource, patient, source)

    written = _rewritten(holder, about, fhir)
    if holder.startswith("Account/"):
        for visit in fhir.search("Encounter", {"account": holder}, limit=MOST):
            written += followed(
                f"Encounter/{visit['id']}", patient, fhir, source=source, before=before
            )
    return written


def _earlier(resource: Resource, before: str) -> bool:
    stored = str(resource.get("meta", {}).get("lastUpdated", ""))
    return bool(stored) and interval(stored)[0] < interval(before)[0]


def _rewritten(of: str, change: Change, fhir: Fhir) -> int:
    """Change what belongs to `of`, type by type, in transactions of `AT_ONCE`."""
    return sum(
        _of_type(type_, {name: of}, change, fhir)
        for name, types in _BELONGING[of.partition("/")[0]].items()
        for type_ in types
    )


def _of_type(type_: str, asked: Mapping[str, str], change: Change, fhir: Fhir) -> int:
    """Until a search finds nothing left to change, for others may write meanwhile."""
    written = raced = 0
    while entries := _changes(type_, asked, change, fhir):
        for start in range(0, len(entries), AT_ONCE):
            some = entries[start : start + AT_ONCE]
            try:
                fhir.send(transaction(some))
            except Failure as failure:
                raced += 1
                if failure.kind not in _RACED or raced == TRIES:
                    raise
            else:
                written += len(some)
    return written


def _changes(type_: str, asked: Mapping[str, str], change: Change, fhir: Fhir) -> list[Entry]:
    try:
        found = fhir.search(type_, {**asked, "_count": str(AT_ONCE)}, limit=MOST)
    except Failure as failure:
        if failure.kind in _UNKNOWN_THERE:
            return []
        raise
    return [_update(made) for one in found if (made := change(one)) != one]


def _about(resource: Resource, patient: str, source: str) -> Resource:
    """The resource about this patient, by the element in which its type says so."""
    made = resource
    for name in ("subject", "patient", "for"):
        said = resource.get(name)
        if isinstance(said, dict) and str(said.get("reference", "")).startswith("Patient/"):
            made = {**made, name: {**said, "reference": patient}}
    if source and made != resource:
        made["meta"] = {**resource.get("meta", {}), "source": source}
    return made


def _place(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _update(resource: Resource) -> Entry:
    made: Entry = {
        "resource": resource,
        "request": {"method": "PUT", "url": _place(resource)},
    }
    if version := resource.get("meta", {}).get("versionId"):
        made["request"]["ifMatch"] = f'W/"{version}"'
    return made
