"""POST to the base: a Bundle goes to the interaction that its type names."""

from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.batch import batch
from wherry_ehr.interactions.entries import bundle_in
from wherry_ehr.interactions.transaction import transaction

# Source: FHIR R4 http, 3.1.0.11 (the Bundle types that a server carries out).
BUNDLES = {"transaction": transaction, "batch": batch}


def system(ask: Ask, deps: Deps) -> Answer:
    """Carry out a batch or a transaction. Raises: Failure(INVALID) for anything else."""
    bundle = bundle_in(ask.text)
    return BUNDLES[bundle.type](bundle, ask, deps)
