"""Every check, gathered by importing the modules that hold them."""

from tests.conformance.smart.check import CHECKS
from tests.conformance.smart.checks import (
    authorization,
    backend,
    brands,
    client_keys,
    context,
    discovery,
    identity,
    introspection,
    refresh,
    scopes,
    token,
    writing,
)

MODULES = (
    discovery,
    authorization,
    token,
    refresh,
    context,
    identity,
    scopes,
    writing,
    backend,
    client_keys,
    introspection,
    brands,
)

EVERY = tuple(CHECKS)
