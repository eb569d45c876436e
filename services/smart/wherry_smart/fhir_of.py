"""A FHIR base and a token become the server, as this token may see it, with no other token."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.ports import Fhir
from wherry_smart.deps import FhirOf


def fhir_of(*, timeout_s: float, routes: Mapping[str, str]) -> FhirOf:
    """Opens a server; connections and token are gone when the reading is done."""

    def opened(base: str, token: str) -> AbstractContextManager[Fhir]:
        return _open(base, token, timeout_s, routes)

    return opened


@contextmanager
def _open(base: str, token: str, timeout_s: float, routes: Mapping[str, str]) -> Iterator[Fhir]:
    with session(token=token, read_s=timeout_s, routes=routes) as web:
        yield HttpFhir(base, web)
