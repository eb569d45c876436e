"""A session becomes the FHIR server that it may read, with its own token and no other."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session as http_session
from wherry.ports import Fhir
from wherry_smart.deps import FhirOf
from wherry_smart.protocol.launches import Session


def fhir_of(*, timeout_s: float, routes: Mapping[str, str]) -> FhirOf:
    """Opens the server of a session; connections and token are gone when the reading is done."""

    def opened(session: Session) -> AbstractContextManager[Fhir]:
        return _open(session, timeout_s, routes)

    return opened


@contextmanager
def _open(session: Session, timeout_s: float, routes: Mapping[str, str]) -> Iterator[Fhir]:
    with http_session(token=session.access_token, read_s=timeout_s, routes=routes) as web:
        yield HttpFhir(session.base, web)
