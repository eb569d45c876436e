"""Models and scores from the risk service over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource

_NOT_USABLE = frozenset({requests.codes.bad_request, requests.codes.unprocessable_entity})
_TIMEOUT_S = 5.0


class HttpScorer:
    """`GET /v1/models` and `POST /v1/score`, as in openapi/risk.yaml."""

    def __init__(self, base: str, *, token: str = "") -> None:
        self._base = base.rstrip("/")
        self._session = session(token=token, read_s=_TIMEOUT_S)

    def models(self) -> Sequence[Mapping[str, Any]]:
        """The models it has. Raises: Failure(UNAVAILABLE)."""
        listed = self._ask("GET", "/v1/models").get("models")
        return (
            [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        )

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        """Its answer about these resources, about this patient and no other.

        Raises: Failure(UNAVAILABLE, INVALID).
        """
        asked = {"model": model, "patient": patient_id, "resources": resources}
        answer = self._ask("POST", "/v1/score", encode({**asked, "at": at.isoformat()}))
        if answer.get("patient") != patient_id:
            raise Failure(Kind.UNAVAILABLE, "the risk service answered about another patient")
        return answer

    def card(self, model: str) -> Mapping[str, Any]:
        """The card of a model. Raises: Failure(NOT_FOUND, UNAVAILABLE)."""
        return self._ask("GET", f"/v1/models/{model}/card?format=json")

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        self._ask("GET", "/healthz")

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Mapping[str, Any]:
        headers = {"Content-Type": "application/json"}
        try:
            response = self._session.request(
                method, f"{self._base}{path}", data=body, headers=headers, allow_redirects=False
            )
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "the risk service did not answer") from None
        if response.status_code == requests.codes.not_found:
            raise Failure(Kind.NOT_FOUND, "the risk service has no such model", at="model")
        if response.status_code in _NOT_USABLE:
            raise Failure(Kind.INVALID, "the record cannot be scored as it is")
        if response.status_code != requests.codes.ok:
            raise Failure(Kind.UNAVAILABLE, "the risk service could not answer")
        answer = decode(response.content)
        if not isinstance(answer, dict):
            raise Failure(Kind.UNAVAILABLE, "the risk service did not answer with an object")
        return answer
