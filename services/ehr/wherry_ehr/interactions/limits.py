"""What the holder of a token may see and change: its scopes, its patient, and who it works for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from wherry.codec import decode
from wherry.resource import Resource
from wherry_ehr.auth.narrowing import terms
from wherry_ehr.auth.records import Grant
from wherry_ehr.auth.scopes import PATIENT, Access, accesses
from wherry_ehr.interactions.compartment import belongs, has_place, patient_terms
from wherry_ehr.interactions.holding import Searched
from wherry_ehr.search.query import AnyOf, Query, Term
from wherry_ehr.store.sql_store import View

_Alternative = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The scopes of one token, ready to be asked. `user` is whom fhirUser names, if it may."""

    accesses: tuple[Access, ...]
    patient: str
    user: str

    def covers(self, type_: str, letter: str) -> bool:
        """Whether any scope is about this letter and type; the type `*` asks for all types.

        Source: SMART 2.2, R95, R120 to R125, R144.
        """
        return any(True for _ in self._about(type_, letter))

    def is_free(self, type_: str, letter: str) -> bool:
        """Whether every resource of this type is covered, whosever it is."""
        return any(one.level != PATIENT and not one.query for one in self._about(type_, letter))

    def permits(self, type_: str, body: str, letters: Collection[str], view: View) -> bool:
        """Whether this version of a resource is covered by any of these letters.

        Source: SMART 2.2, R95, R119, R136, R140, R142.
        """
        if any(self.is_free(type_, letter) for letter in letters):
            return True
        about = [one for letter in letters for one in self._about(type_, letter)]
        resource: Resource = decode(body) if body else {}
        return any(self._holds(one, type_, resource, view) for one in dict.fromkeys(about))

    def narrowed(self, query: Query, view: View) -> Query | None:
        """This search within what is covered; None when nothing is.

        Several scopes are a union. Source: SMART 2.2, R131, R132, R136.
        """
        if self.is_free(query.type, "s"):
            return query
        found = [
            self._alternative(one, query, view)
            for one in self._about(query.type, "s")
        ]  # fmt: skip
        if not found:
            return None
        if not all(found):
            return query
        # what all alternatives share leads the search: it is mostly the patient
        shared = tuple(term for term in found[0] if all(term in other for other in found[1:]))
        rest = [tuple(term for term in one if term not in shared) for one in found]
        either = (AnyOf(tuple(dict.fromkeys(rest))),) if all(rest) else ()
        return replace(query, terms=(*query.terms, *shared, *either))

    def is_self(self, type_: str, id_: str) -> bool:
        """Whoever may know who the user is may read that. Source: SMART 2.2, R198, R209."""
        return bool(self.user) and (type_, id_) == ("Practitioner", self.user)

    def _about(self, type_: str, letter: str) -> Iterator[Access]:
        for one in self.accesses:
            fits = one.type in {"*", type_}
            if fits and letter in one.letters and (one.level != PATIENT or self._has_place(type_)):
                yield one

    def _has_place(self, type_: str) -> bool:
        return bool(self.patient) and (type_ == "*" or has_place(type_))

    def _holds(self, one: Access, type_: str, resource: Resource, view: View) -> bool:
        if one.level == PATIENT and not belongs(type_, resource, self.patient, view):
            return False
        return not one.query or Searched(type_, resource).fulfils(terms(type_, one.query))

    def _alternative(self, one: Access, query: Query, view: View) -> _Alternative:
        own = patient_terms(query, self.patient, view) if one.level == PATIENT else ()
        return (*own, *(terms(query.type, one.query) if one.query else ()))


def limits_of(grant: Grant) -> Limits:
    """What this grant allows."""
    knows = "fhirUser" in grant.scope.split()
    return Limits(tuple(accesses(grant.scope)), grant.patient, grant.practitioner if knows else "")
