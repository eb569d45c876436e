"""POST to the base: a Bundle goes to the interaction that its type names."""

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.batch import batch
from wherry_ehr.interactions.transaction import transaction

# Source: FHIR R4 http, 3.1.0.11 (the Bundle types that a server carries out).
BUNDLES = {"transaction": transaction, "batch": batch}


def system(ask: Ask, deps: Deps) -> Answer:
    """Carry out a batch or a transaction. Raises: Failure(INVALID) for anything else."""
    return BUNDLES[kind_of(ask)](ask, deps)


def kind_of(ask: Ask) -> str:
    """`batch` or `transaction`. Raises: Failure(INVALID)."""
    if ask.resource.get("resourceType") != "Bundle":
        raise Failure(Kind.INVALID, "a Bundle is needed here", at="resourceType")
    kind = ask.resource.get("type")
    if not isinstance(kind, str) or kind not in BUNDLES:
        raise Failure(Kind.INVALID, "type must be batch or transaction", at="Bundle.type")
    return kind
