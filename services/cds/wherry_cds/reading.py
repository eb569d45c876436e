"""One prefetch key is read from the FHIR server that a call may use, page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.deadline import Deadline
from wherry_cds.deps import FhirReader
from wherry_cds.fhir_source import Source
from wherry_cds.protocol import prefetch
from wherry_cds.protocol.call import Call
from wherry_cds.protocol.catalogue import Key, expand
from wherry_cds.protocol.prefetch import Obtained, Received
from wherry_cds.protocol.servers import next_page

log = structlog.get_logger()

_GOOD = frozenset({Received.DATA, Received.PAGE, Received.EMPTY})


@dataclass(frozen=True, slots=True)
class Found:
    """What is under one key in the end."""

    resources: tuple[Resource, ...]
    obtained: Obtained
    truncated: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The reads of one call; `mismatch` is told where data of another patient came from."""

    call: Call
    fhir: FhirReader
    source: Source
    max_pages: int
    deadline: Deadline
    mismatch: Callable[[str], None]

    def obtain(self, key: Key) -> Found:
        """What the client sent of this key with its further pages, or all that the server has.

        Raises: Failure(UNMET, UNAVAILABLE).
        """
        if key.name in self.call.prefetch:
            return self._follow(key, self.call.prefetch[key.name])
        query = expand(key.template, self.call.tokens)
        value = self._get(key, f"{self.source.base.rstrip('/')}/{query}")
        self._judge(key, value)
        return self._follow(key, value)

    def _follow(self, key: Key, value: Any) -> Found:
        """This answer and its further pages; a page that cannot be had is said, not fatal."""
        content = prefetch.content(key, value)
        resources, partial, pages = [*content.resources], content.partial, 0
        truncated = False
        while content.next:
            address = next_page(content.next, self.source.base)
            page = self._page(key, address) if pages < self.max_pages else None
            if page is None:
                truncated = True
                break
            content = prefetch.content(key, page)
            resources += content.resources
            partial, pages = partial or content.partial, pages + 1
        obtained = Obtained.DATA if resources else Obtained.NONE
        return Found(tuple(resources), obtained, truncated=truncated, partial=partial)

    def _page(self, key: Key, address: str) -> Any:
        """A further page, or None when it cannot be had. Raises: Failure(UNMET)."""
        if not address:
            return None
        try:
            value = self._get(key, address, share=0.5)  # the rest is for the score
        except Failure as failure:
            log.info("page_not_read", key=key.name, kind=failure.kind.name)
            return None
        if self._judged(key, value) in (Received.NULL, Received.OUTCOME):
            return None
        self._judge(key, value)
        return value

    def _judge(self, key: Key, value: Any) -> None:
        """Raises: Failure(UNMET) for what is no answer to the key about this patient."""
        judged, at = self._judged(key, value), f"prefetch.{key.name}"
        if judged is Received.ANOTHER:
            self.mismatch(f"fhirServer, {key.name}")
        if judged not in _GOOD:
            log.warning("fhir_answer_refused", key=key.name, patient_id=self.call.patient_id)
            text = f"the FHIR server did not return the patient's {key.name}"
            raise Failure(Kind.UNMET, text, at=at)

    def _get(self, key: Key, address: str, *, share: float = 1.0) -> Any:
        left = self.deadline.left_s() * share
        return self.fhir.get(
            address, token=self.source.token, timeout_s=left, at=f"prefetch.{key.name}"
        )

    def _judged(self, key: Key, value: Any) -> Received:
        return prefetch.judged(key, value, patient_id=self.call.patient_id, base=self.source.base)


def why_not(key: Key, call: Call, source: Source) -> Failure | None:
    """Why this key cannot be read at all, when it cannot."""
    at, lent = f"prefetch.{key.name}", call.authorization
    if not source.base:
        text = f"{key.name} was not sent, and no FHIR server may be read for it"
        return Failure(Kind.UNMET, text, at=at)
    if lent and not lent.permits(key.type, search=key.many):
        text = f"{key.name} was not sent, and fhirAuthorization.scope does not cover it"
        return Failure(Kind.UNMET, text, at=at)
    if "{{" in expand(key.template, call.tokens):
        text = f"{key.name} was not sent, and the context lacks what is needed to read it"
        return Failure(Kind.UNMET, text, at=at)
    return None
