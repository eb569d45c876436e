"""Every check, gathered by importing the modules that hold them."""

from tests.conformance.smart_client.check import CHECKS
from tests.conformance.smart_client.checks import (
    backend,
    identity,
    keys,
    launching,
    returning,
    trading,
    using,
)

MODULES = (launching, returning, trading, identity, using, keys, backend)

EVERY = tuple(CHECKS)
