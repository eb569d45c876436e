"""A small server with its flaws, running, as a target of the suite."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.conformance.cds.parties import NAMES, party, publish
from tests.conformance.cds.serving import Wsgi, served
from tests.conformance.cds.small.app import MAX_BYTES, Small, create
from tests.conformance.cds.stub import Stub
from tests.conformance.cds.target import Target

NEEDS = ("patient", "observations")
PAGE = "https://ehr.suite.example"


@contextmanager
def small(stub: Stub, *flaws: str) -> Iterator[Target]:
    """Two workers of one small server, so that they can be told apart where they should not be."""
    publish(stub)
    parties = {one.issuer: one for one in (party(name, stub) for name in NAMES)}
    made = Small(parties, stub.fhir, PAGE, frozenset(flaws))
    apart = made.has("a replay store for each worker")
    other = replace(made, seen=set()) if apart else replace(made)

    def first(base: str) -> Wsgi:
        made.origin = other.origin = base
        return create(made)

    with served(first) as base, served(lambda _: create(other)) as sibling:
        seam = replace(made.seam(), sibling=sibling)
        yield Target(base, stub, PAGE, max_bytes=MAX_BYTES, needs=NEEDS, deadline_s=3.0, seam=seam)
