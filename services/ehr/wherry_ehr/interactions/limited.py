"""What the holder of a SMART token asks is answered within its scope and its patient."""

from dataclasses import dataclass

from wherry.codec import decode
from wherry_ehr.auth.records import Grant
from wherry_ehr.auth.scopes import allows
from wherry_ehr.interactions import compartment
from wherry_ehr.search.query import Query
from wherry_ehr.store.sql_store import View

_USER = "Practitioner"


@dataclass(frozen=True, slots=True)
class Rights:
    """`interactions.allowed.Limits` of a token. Source: SMART 2.2, R95, R119, R130, R136, R243."""

    grant: Grant

    def may(self, type_: str, letter: str, id_: str = "") -> bool:
        """Whether the scope names this type with this letter; or it is who the user is."""
        return allows(self.grant.scope, type_, letter) or (
            letter == "r" and self._is_self(type_, id_)
        )

    def narrowed(self, query: Query, _letter: str, view: View) -> Query:
        """Within the patient's compartment."""
        return compartment.narrowed(query, self.grant.patient, view)

    def holds(self, type_: str, body: str, _letter: str, view: View) -> bool:
        """Whether it is of the patient, or of the user."""
        if type_ == _USER and self._is_self(type_, str(decode(body).get("id", ""))):
            return True
        return compartment.belongs(type_, body, self.grant.patient, view)

    def _is_self(self, type_: str, id_: str) -> bool:
        """Whoever may know who the user is may read that. Source: SMART 2.2, R198, R209."""
        return (type_, id_) == (_USER, self.grant.practitioner) and (
            "fhirUser" in self.grant.scope.split()
        )
