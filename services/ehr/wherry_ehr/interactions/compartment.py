"""A patient's compartment: whether a resource is in it, and searches that stay in it."""

from collections import defaultdict
from dataclasses import dataclass, replace

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_ehr.search.extract import Rows, index
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Query, Targets, Term
from wherry_ehr.store.sql_store import View

_MAX_TARGETS = 100


@dataclass(frozen=True, slots=True)
class ToPatient:
    """Limits of a caller who may read all of one patient, and nothing of others."""

    patient: str

    def may(self, _type: str, _letter: str, _id: str = "") -> bool:
        """Every interaction with every type."""
        return True

    def narrowed(self, query: Query, _letter: str, view: View) -> Query:
        """Within the compartment. Raises: Failure(FORBIDDEN) for a type that none has."""
        return narrowed(query, self.patient, view)

    def holds(self, type_: str, body: str, _letter: str, view: View) -> bool:
        """Whether this version is in the compartment."""
        return belongs(type_, body, self.patient, view)


def narrowed(query: Query, patient: str, view: View) -> Query:
    """This search within the compartment of this patient; no patient means no limit.

    Raises: Failure(FORBIDDEN) for a type that no patient's compartment has.
    Source: FHIR R4 CompartmentDefinition patient; Device by Device.patient.
    """
    if not patient:
        return query
    held = parameters()[query.type]
    if query.type == "Patient":
        term = Term(held["_id"], (patient,))
    elif "patient" not in held:
        raise Failure(Kind.FORBIDDEN, "not a type that belongs to a patient", at=query.type)
    elif query.type == "Provenance" and _about_the_patient(query, patient, view):
        return query
    else:
        term = Term(held["patient"], (Targets((f"Patient/{patient}",)),))
    return replace(query, terms=(*query.terms, term))


def belongs(type_: str, body: str, patient: str, view: View) -> bool:
    """Whether this version of a resource is in the compartment.

    A Provenance belongs to whom its target belongs: it need not name the patient itself.
    """
    resource: Resource = decode(body)
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
    rows = Rows()
    index(type_, resource, 0, {}, rows)
    return (param.row, f"Patient/{patient}", 0) in rows.references
