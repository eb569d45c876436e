"""What stands around a server under test."""

from collections.abc import Iterator

import pytest
from tests.conformance.cds.small.running import small
from tests.conformance.cds.stub import Stub, stub
from tests.conformance.cds.target import Target


@pytest.fixture(scope="module")
def around() -> Iterator[Stub]:
    """Key sets and a FHIR server."""
    with stub() as served:
        yield served


@pytest.fixture(scope="module")
def unbroken(around: Stub) -> Iterator[Target]:
    """A small server without a flaw."""
    with small(around) as target:
        yield target
