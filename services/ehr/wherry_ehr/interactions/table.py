"""The table of interactions: it drives the routes and the CapabilityStatement alike."""

from collections.abc import Callable
from dataclasses import dataclass

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.create import create
from wherry_ehr.interactions.delete import delete
from wherry_ehr.interactions.read import read
from wherry_ehr.interactions.search import search
from wherry_ehr.interactions.system import system
from wherry_ehr.interactions.update import conditional_update, update
from wherry_ehr.interactions.vread import vread


@dataclass(frozen=True, slots=True)
class Interaction:
    """One line: what arrives how is done by which function.

    `codes` are those of CapabilityStatement.rest(.resource).interaction; `says` are the flags of
    CapabilityStatement.rest.resource that are true because of it. `body` is what it reads.
    """

    name: str
    method: str
    path: str
    answer: Callable[[Ask, Deps], Answer]
    codes: tuple[str, ...] = ()
    says: tuple[tuple[str, object], ...] = ()
    body: str = ""


# Source: FHIR R4 http, 3.1.0.1.11 (table of interactions).
# fmt: off
INTERACTIONS = (
    Interaction("system", "POST", "", system, ("transaction", "batch"), body="bundle"),
    Interaction("read", "GET", "/<fhir_type:type>/<fhir_id:id>", read, ("read",)),
    Interaction("vread", "GET", "/<fhir_type:type>/<fhir_id:id>/_history/<vid>", vread, ("vread",),
                (("versioning", "versioned-update"), ("readHistory", True))),
    Interaction("update", "PUT", "/<fhir_type:type>/<fhir_id:id>", update, ("update",),
                (("updateCreate", True),), body="resource"),
    Interaction("conditional-update", "PUT", "/<fhir_type:type>", conditional_update, (),
                (("conditionalUpdate", True),), body="resource"),
    Interaction("create", "POST", "/<fhir_type:type>", create, ("create",),
                (("conditionalCreate", True),), body="resource"),
    Interaction("delete", "DELETE", "/<fhir_type:type>/<fhir_id:id>", delete, ("delete",)),
    Interaction("search", "GET", "/<fhir_type:type>", search, ("search-type",)),
    Interaction("search-post", "POST", "/<fhir_type:type>/_search", search, (), body="form"),
)
# fmt: on

SYSTEM_PATHS = frozenset({""})
