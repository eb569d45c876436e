"""The table of interactions: it drives the routes and the CapabilityStatement alike."""

from collections.abc import Callable
from dataclasses import dataclass

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.create import create
from wherry_ehr.interactions.delete import conditional_delete, delete
from wherry_ehr.interactions.everything import everything
from wherry_ehr.interactions.history import history
from wherry_ehr.interactions.patch import conditional_patch, patch
from wherry_ehr.interactions.read import read
from wherry_ehr.interactions.search import search
from wherry_ehr.interactions.system import system
from wherry_ehr.interactions.update import conditional_update, update
from wherry_ehr.interactions.validate import validate
from wherry_ehr.interactions.vread import vread


@dataclass(frozen=True, slots=True)
class Interaction:
    """One line: what arrives how is done by which function.

    `codes` are those of CapabilityStatement.rest(.resource).interaction; `says` are the flags of
    CapabilityStatement.rest.resource that are true because of it. `body` is what it reads,
    `operation` the name after the $ of one.
    """

    name: str
    method: str
    path: str
    answer: Callable[[Ask, Deps], Answer]
    codes: tuple[str, ...] = ()
    says: tuple[tuple[str, object], ...] = ()
    body: str = ""
    operation: str = ""


_TYPE, _ONE = "/<fhir_type:type>", "/<fhir_type:type>/<fhir_id:id>"
_PATIENT = "/<patient:type>/<fhir_id:id>/$everything"
_KEPT = (("versioning", "versioned-update"), ("readHistory", True))

# Source: FHIR R4 http, 3.1.0.1.11 (table of interactions).
# fmt: off
INTERACTIONS = (
    Interaction("system", "POST", "", system, ("transaction", "batch"), body="bundle"),
    Interaction("history-system", "GET", "/_history", history, ("history-system",)),
    Interaction("read", "GET", _ONE, read, ("read",),
                (("conditionalRead", "full-support"),)),
    Interaction("vread", "GET", f"{_ONE}/_history/<vid>", vread, ("vread",), _KEPT),
    Interaction("history", "GET", f"{_ONE}/_history", history, ("history-instance",)),
    Interaction("history-type", "GET", f"{_TYPE}/_history", history, ("history-type",)),
    Interaction("update", "PUT", _ONE, update, ("update",),
                (("updateCreate", True),), body="resource"),
    Interaction("conditional-update", "PUT", _TYPE, conditional_update, (),
                (("conditionalUpdate", True),), body="resource"),
    Interaction("patch", "PATCH", _ONE, patch, ("patch",), body="patch"),
    Interaction("conditional-patch", "PATCH", _TYPE, conditional_patch, (), body="patch"),
    Interaction("create", "POST", _TYPE, create, ("create",),
                (("conditionalCreate", True),), body="resource"),
    Interaction("delete", "DELETE", _ONE, delete, ("delete",)),
    Interaction("conditional-delete", "DELETE", _TYPE, conditional_delete, (),
                (("conditionalDelete", "single"),)),
    Interaction("search", "GET", _TYPE, search, ("search-type",)),
    Interaction("search-post", "POST", f"{_TYPE}/_search", search, (), body="form"),
    Interaction("everything", "GET", _PATIENT, everything, operation="everything"),
    Interaction("everything-post", "POST", _PATIENT, everything, body="parameters"),
    Interaction("validate", "POST", f"{_TYPE}/$validate", validate, operation="validate",
                body="parameters"),
    Interaction("validate-one", "POST", f"{_ONE}/$validate", validate, body="parameters"),
)
# fmt: on

SYSTEM_PATHS = frozenset({"", "/_history"})
