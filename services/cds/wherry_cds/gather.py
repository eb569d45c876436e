"""A call becomes the record it is about: from prefetch, else from an allowed FHIR server."""

from dataclasses import dataclass
from typing import Any

import structlog

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.deadline import Deadline
from wherry_cds.deps import FhirReader, Servers
from wherry_cds.protocol import prefetch
from wherry_cds.protocol.call import Call
from wherry_cds.protocol.catalogue import Key, expand
from wherry_cds.protocol.prefetch import Received, Step
from wherry_cds.protocol.servers import allowed, next_page, same_server

log = structlog.get_logger()

_GOOD = frozenset({Received.DATA, Received.PAGE, Received.EMPTY})


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the patient, and how much of it came through."""

    resources: tuple[Resource, ...]
    truncated: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """The server that this call may read from; no base means none."""

    base: str
    token: str


def gather(call: Call, *, fhir: FhirReader, servers: Servers, deadline: Deadline) -> Record:
    """The resources for every key of the service.

    Raises: Failure: INVALID when the client sent another patient or type, UNMET when a key was
    neither sent nor can be read, UNAVAILABLE when the FHIR server is away or late.
    Source: CDS Hooks 2.0, Providing FHIR Resources to a CDS Service.
    """
    reading = _Reading(call, fhir, _source(call, servers), servers.max_pages, deadline)
    records = [reading.key(key) for key in call.service.keys]
    return Record(
        resources=tuple(resource for record in records for resource in record.resources),
        truncated=any(record.truncated for record in records),
        partial=any(record.partial for record in records),
    )


def _source(call: Call, servers: Servers) -> _Source:
    own = same_server(call.fhir_server, servers.own)
    if not call.fhir_server and servers.own_by_default:
        return _Source(servers.own, _secret(servers))
    if not own and not allowed(call.fhir_server, servers.others):
        return _Source("", "")
    if call.authorized:  # its user's rights, never ours in their place
        return _Source(call.fhir_server if call.fhir_token else "", call.fhir_token)
    return _Source(call.fhir_server, _secret(servers) if own else "")


def _secret(servers: Servers) -> str:
    return servers.own_token.get_secret_value() if servers.own_token else ""


@dataclass(frozen=True, slots=True)
class _Reading:
    call: Call
    fhir: FhirReader
    source: _Source
    max_pages: int
    deadline: Deadline

    def key(self, key: Key) -> Record:
        """The record under one key."""
        at = f"prefetch.{key.name}"
        patient_id, base = self.call.patient_id, self.call.fhir_server
        found = prefetch.received(key, self.call.prefetch, patient_id=patient_id, base=base)
        step = prefetch.STEPS[found]
        if step is Step.GO_WITHOUT:
            return Record(())
        if step is Step.UNMET:
            raise Failure(Kind.UNMET, f"the client could not obtain {key.name}", at=at)
        if step is Step.REFUSE:
            log.warning("prefetch_refused", key=key.name, patient_id=patient_id)
            raise Failure(Kind.INVALID, f"not {key.type} of the patient in context", at=at)
        value = self._read(key, at) if step is Step.READ else self.call.prefetch[key.name]
        return self._pages(key, value, at)

    def _read(self, key: Key, at: str) -> Any:
        """The answer to the key's template from the allowed server."""
        if not self.source.base:
            text = f"{key.name} was not sent, and no FHIR server may be read for it"
            raise Failure(Kind.UNMET, text, at=at)
        query = expand(key.template, self.call.context)
        value = self._get(f"{self.source.base.rstrip('/')}/{query}", at)
        if self._judged(key, value) in _GOOD:
            return value
        log.warning("fhir_answer_refused", key=key.name, patient_id=self.call.patient_id)
        raise Failure(Kind.UNMET, f"the FHIR server did not return the patient's {key.name}", at=at)

    def _pages(self, key: Key, value: Any, at: str) -> Record:
        """This answer and its further pages; a page that cannot be had is said, not fatal."""
        content = prefetch.content(key, value)
        resources, partial, pages = [*content.resources], content.partial, 0
        while content.next:
            address = next_page(content.next, self.source.base)
            if not address or pages == self.max_pages:
                return Record(tuple(resources), truncated=True, partial=partial)
            try:
                value = self._get(address, at, share=0.5)  # the rest is for the score
            except Failure as failure:
                log.info("page_not_read", key=key.name, kind=failure.kind.name)
                return Record(tuple(resources), truncated=True, partial=partial)
            judged = self._judged(key, value)
            if judged is Received.WRONG:
                log.warning("fhir_answer_refused", key=key.name, patient_id=self.call.patient_id)
                raise Failure(Kind.UNMET, "a further page is not about the patient", at=at)
            if judged not in _GOOD:
                return Record(tuple(resources), truncated=True, partial=partial)
            content = prefetch.content(key, value)
            resources += content.resources
            partial, pages = partial or content.partial, pages + 1
        return Record(tuple(resources), partial=partial)

    def _get(self, address: str, at: str, *, share: float = 1.0) -> Any:
        left = self.deadline.left_s() * share
        return self.fhir.get(address, token=self.source.token, timeout_s=left, at=at)

    def _judged(self, key: Key, value: Any) -> Received:
        return prefetch.judged(key, value, patient_id=self.call.patient_id, base=self.source.base)
