"""FHIR resources of one person become that person's record; anybody else's make it fail."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_risk.model.index import Index, index_of, withdrawn
from wherry_risk.model.observation import Observation, Patient, observation, patient

STAY_TYPES = ("Encounter", "Condition", "Procedure", "MedicationRequest")
Named = tuple[str, Resource]

# Source: FHIR R4 datatypes, id; or a full URL inside a transaction Bundle. Nothing else is repeated
# in answers and logs: it may be a name or a number by which somebody is known.
_OPAQUE = re.compile(r"[A-Za-z0-9\-.]{1,64}|urn:uuid:[0-9A-Fa-f-]{36}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """One person's Observations, each with the reference that names it, and the Patient.

    `index` has the same Observations by code. `others` are the resources of the types that tell of
    stays, each with the reference that names it.
    """

    patient_id: str
    patient: Patient | None
    observations: tuple[tuple[str, Observation], ...]
    index: Index
    others: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)

    def withdrawn(self) -> frozenset[str]:
        """References of the Observations that no score may rest on any more."""
        return withdrawn(self.observations)


class _Given(NamedTuple):
    at: str
    url: str
    type: str
    resource: Resource

    @property
    def name(self) -> str:
        """Type/id, else the full URL of its Bundle entry, else ""."""
        id_ = self.resource.get("id")
        return f"{self.type}/{id_}" if isinstance(id_, str) and id_ else self.url


def record(resources: Sequence[Resource], *, patient_id: str = "") -> Record:
    """One person's record out of resources and Bundles; types that scoring does not read are left.

    Raises: Failure(UNPROCESSABLE) when a resource is about another patient or about nobody, when it
    is not clear whom they are about, or when the shape of an Observation or the Patient is wrong.
    """
    given = list(_unpacked(resources))
    names, person = _person(given, patient_id)
    for one in given:
        _same_person(one, names)
    patient_id = _id(names[0])
    if not _OPAQUE.fullmatch(patient_id):
        raise Failure(Kind.UNPROCESSABLE, "the patient's id is not a FHIR id", at="patient")
    found = tuple(
        (g.name, observation(g.resource, at=g.at)) for g in given if g.type == "Observation"
    )
    others = {
        type_: tuple((g.name, g.resource) for g in given if g.type == type_) for type_ in STAY_TYPES
    }
    return Record(patient_id, person, found, index_of(found), others)


def _unpacked(resources: Sequence[Resource]) -> Iterator[_Given]:
    for n, resource in enumerate(resources):
        if resource.get("resourceType") != "Bundle":
            yield _given(f"resources[{n}]", "", resource)
            continue
        entries = resource.get("entry", [])
        for m, entry in enumerate(entries if isinstance(entries, list) else []):
            inner = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(inner, dict):
                url = str(entry.get("fullUrl", ""))
                yield _given(f"resources[{n}].entry[{m}].resource", url, inner)


def _given(at: str, url: str, resource: Resource) -> _Given:
    return _Given(at, url, str(resource.get("resourceType", "")), resource)


def _person(given: Sequence[_Given], asked: str) -> tuple[list[str], Patient | None]:
    """The names under which the patient may be referred to, and the Patient resource."""
    patients = [one for one in given if one.type == "Patient"]
    if len({one.name for one in patients}) > 1:
        raise Failure(Kind.UNPROCESSABLE, "more than one Patient", at=patients[-1].at)
    if patients:
        first = patients[0]
        if asked and first.name and asked != _id(first.name):
            raise Failure(Kind.UNPROCESSABLE, "this is another patient", at=first.at)
        names = [f"Patient/{asked}" if asked else first.name, first.name, _name(first.url)]
        return [name for name in names if name] or [""], patient(first.resource, at=first.at)
    if asked:
        return [f"Patient/{asked}"], None
    subject = next((ref for one in given if (ref := _subject(one.resource))), "")
    if not subject:
        raise Failure(Kind.UNPROCESSABLE, "nothing says who the patient is", at="patient")
    return [subject], None


def _same_person(one: _Given, names: Sequence[str]) -> None:
    subject = _subject(one.resource)
    if subject and subject in names:
        return
    if one.type == "Observation" and not subject:
        raise Failure(
            Kind.UNPROCESSABLE, "an Observation without a subject", at=f"{one.at}.subject"
        )
    if one.type != "Patient" and subject:
        raise Failure(
            Kind.UNPROCESSABLE, "this resource is about another patient", at=f"{one.at}.subject"
        )


def _subject(resource: Resource) -> str:
    for element in ("subject", "patient"):
        reference = resource.get(element)
        if isinstance(reference, dict):
            name = reference.get("reference")
            if isinstance(name, str):
                return _name(name)
    return ""


def _name(reference: str) -> str:
    """Type/id of a relative, absolute or version-specific reference; other URIs as they are."""
    if reference.count("/") <= 1:
        return reference
    path = reference.partition("/_history/")[0]
    return path if path.count("/") <= 1 else "/".join(path.rsplit("/", 2)[-2:])


def _id(name: str) -> str:
    return name.rpartition("/")[2]
