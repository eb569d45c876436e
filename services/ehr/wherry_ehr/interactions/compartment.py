"""A patient's compartment: whether a resource is in it, and the terms that keep a search in it."""

from collections import defaultdict
from dataclasses import dataclass, replace

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_ehr.interactions.holding import Searched
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Query, Targets, Term
from wherry_ehr.store.sql_store import View

_MAX_TARGETS = 100


@dataclass(frozen=True, slots=True)
class ToPatient:
    """`allowed.Limits` of a caller who may do all with one patient, and nothing with others."""

    patient: str

    def may(self, type_: str, _letter: str, _id: str = "") -> bool:
        """Every interaction with every type that a compartment can hold."""
        return has_place(type_)

    def free(self, _type: str, _letter: str) -> bool:
        """Nothing is free of the compartment."""
        return False

    def narrowed(self, query: Query, _letter: str, view: View) -> Query:
        """Within the compartment."""
        own = patient_terms(query, self.patient, view)
        return replace(query, terms=(*query.terms, *own))

    def holds(self, type_: str, body: str, _letter: str, view: View) -> bool:
        """Whether this version is in the compartment."""
        return belongs(type_, decode(body), self.patient, view)


def has_place(type_: str) -> bool:
    """Whether resources of this type can be in a patient's compartment.

    Source: FHIR R4 CompartmentDefinition patient; Device by Device.patient.
    """
    return type_ == "Patient" or "patient" in parameters()[type_]


def patient_terms(query: Query, patient: str, view: View) -> tuple[Term, ...]:
    """What keeps this search within the compartment; nothing when it stays there by itself."""
    held = parameters()[query.type]
    if query.type == "Patient":
        return (Term(held["_id"], (patient,)),)
    if query.type == "Provenance" and _about_the_patient(query, patient, view):
        return ()
    return (Term(held["patient"], (Targets((f"Patient/{patient}",)),)),)


def belongs(type_: str, resource: Resource, patient: str, view: View) -> bool:
    """Whether this version of a resource is in the compartment.

    A Provenance belongs to whom its target belongs: it need not name the patient itself.
    """
    if _is_in(type_, resource, patient):
        return True
    if type_ != "Provenance":
        return False
    targets = [str(one.get("reference", "")) for one in resource.get("target", [])]
    return bool(_those_in(targets[:_MAX_TARGETS], patient, view))


def _about_the_patient(query: Query, patient: str, view: View) -> bool:
    """Whether a search of Provenance names targets, and all of them are in the compartment."""
    asked = [
        target
        for term in query.terms
        if isinstance(term, Term) and term.param.name == "target" and not term.how
        for value in term.values
        if isinstance(value, Targets)
        for target in value.any_of
    ]
    if len(asked) > _MAX_TARGETS:
        raise Failure(Kind.INVALID, "name the targets as Type/id, and fewer", at="target")
    return bool(asked) and _those_in(asked, patient, view) == set(asked)


def _those_in(references: list[str], patient: str, view: View) -> set[str]:
    by_type: defaultdict[str, set[str]] = defaultdict(set)
    for reference in references:
        type_, _, id_ = reference.partition("/_history/")[0].partition("/")
        if type_ in parameters() and type_ != "Provenance":
            by_type[type_].add(id_)
    return {
        f"{type_}/{found.id}"
        for type_, ids in by_type.items()
        for found in view.by_ids(type_, ids, bodies=True).values()
        if not found.gone and _is_in(type_, decode(found.body), patient)
    }


def _is_in(type_: str, resource: Resource, patient: str) -> bool:
    if type_ == "Patient":
        return resource.get("id") == patient
    param = parameters()[type_].get("patient")
    if param is None:
        return False
    return Searched(type_, resource).refers(param.row, f"Patient/{patient}")
