"""Cards and snoozes of the CDS service over HTTP; its words become those of our page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_smart.deps import About
from wherry_smart.summary.cards import cards

_TIMEOUT_S = 3.0
_DONE = frozenset({requests.codes.ok, requests.codes.created})


class HttpCards:
    """`POST /v1/cards` and `POST /v1/snoozes`, as in openapi/cds.yaml.

    Patients are told apart by tenant: an id alone could be that of another EHR's patient.
    """

    def __init__(self, base: str, *, token: str = "") -> None:
        self._base = base.rstrip("/")
        self._session = session(token=token, read_s=_TIMEOUT_S)

    def cards(self, about: About) -> Sequence[Mapping[str, Any]]:
        """The newest first. Raises: Failure(UNAVAILABLE)."""
        return cards(self._ask("/v1/cards", about, {}))

    def snooze(self, about: About, *, until: datetime, reason: str) -> None:
        """Hold cards about this patient back until then. Raises: Failure(UNAVAILABLE)."""
        self._ask("/v1/snoozes", about, {"until": until.isoformat(), "reason": reason})

    def _ask(self, path: str, about: About, more: Mapping[str, Any]) -> Mapping[str, Any]:
        asked = {"patient": about.patient, "person": about.person, **more}
        if about.tenant:
            asked["tenant"] = about.tenant
        try:
            response = self._session.post(
                f"{self._base}{path}",
                data=encode(asked),
                headers={"Content-Type": "application/json"},
            )
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "the CDS service did not answer") from None
        if response.status_code not in _DONE:
            raise Failure(Kind.UNAVAILABLE, "the CDS service could not answer")
        try:
            answer = decode(response.content)
        except Failure:
            answer = None
        if not isinstance(answer, dict):
            raise Failure(Kind.UNAVAILABLE, "the CDS service did not answer with an object")
        return answer
