"""Every check, gathered by importing the modules that hold them."""

from tests.conformance.cds.check import CHECKS
from tests.conformance.cds.checks import (
    around,
    authentication,
    calls,
    cards,
    discovery,
    feedback,
    guidance,
    key_sets,
    prefetch,
    suggestions,
)

MODULES = (
    discovery,
    calls,
    prefetch,
    cards,
    feedback,
    authentication,
    around,
    guidance,
    key_sets,
    suggestions,
)

EVERY = tuple(sorted(CHECKS, key=lambda one: ("DRPCFAXG".index(one.id[0]), int(one.id[1:]))))
