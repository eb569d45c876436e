"""What the holder of a SMART token asks is answered within its scopes and its patient."""

from dataclasses import dataclass

from wherry.codec import decode
from wherry_ehr.auth.records import Grant
from wherry_ehr.interactions.allowed import outside
from wherry_ehr.interactions.limits import Limits, limits_of
from wherry_ehr.search.query import Query
from wherry_ehr.store.sql_store import View

_USER = "Practitioner"


@dataclass(frozen=True, slots=True)
class Rights:
    """`allowed.Limits` of a token. Source: SMART 2.2, R95, R119, R130, R136, R243."""

    limits: Limits

    def may(self, type_: str, letter: str, id_: str = "") -> bool:
        """Whether a scope is about this type and letter; or it is who the user is."""
        if letter == "r" and self.limits.is_self(type_, id_):
            return True
        return self.limits.covers(type_, letter)

    def free(self, type_: str, letter: str) -> bool:
        """Whether every resource of this type is covered, whosever it is."""
        return self.limits.is_free(type_, letter)

    def narrowed(self, query: Query, _letter: str, view: View) -> Query:
        """Within what is covered. Raises: Failure(FORBIDDEN) when nothing is."""
        found = self.limits.narrowed(query, view)
        if found is None:
            raise outside()
        return found

    def holds(self, type_: str, body: str, letter: str, view: View) -> bool:
        """Whether this version is covered by this letter; or it is who the user is."""
        named = str(decode(body).get("id", "")) if type_ == _USER else ""
        if letter in "rs" and self.limits.is_self(type_, named):
            return True
        return self.limits.permits(type_, body, letter, view)


def rights_of(grant: Grant) -> Rights:
    """What this grant allows."""
    return Rights(limits_of(grant))
