"""Scores from the risk service over HTTP."""

from collections.abc import Sequence
from datetime import datetime

import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.rules.score import AnyAnswer, read

_NOT_USABLE = frozenset({requests.codes.bad_request, requests.codes.unprocessable_entity})


class HttpScorer:
    """`POST /v1/score`, as in openapi/risk.yaml."""

    def __init__(self, base: str, *, token: str = "") -> None:
        self._base = base.rstrip("/")
        self._session = session(token=token)

    def score(
        self,
        model: str,
        patient_id: str,
        resources: Sequence[Resource],
        *,
        at: datetime,
        timeout_s: float,
    ) -> AnyAnswer:
        """The score of these resources at this moment, or the reason why there is none.

        Raises: Failure: UNAVAILABLE when it is away, late or not understood; INVALID when it could
        not use the resources.
        """
        body = encode(
            {"model": model, "patient": patient_id, "resources": resources, "at": at.isoformat()}
        )
        try:
            response = self._session.post(
                f"{self._base}/v1/score",
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "the risk service did not answer in time") from None
        if response.status_code in _NOT_USABLE:
            raise Failure(Kind.INVALID, "the resources cannot be scored as they were sent")
        if response.status_code != requests.codes.ok:
            raise Failure(Kind.UNAVAILABLE, "the risk service could not answer")
        return read(_json(response.content), patient_id=patient_id)

    def ping(self) -> None:
        """Return when the service is up. Raises: Failure(UNAVAILABLE)."""
        try:
            response = self._session.get(f"{self._base}/healthz", timeout=1.0)
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "the risk service does not answer") from None
        if response.status_code != requests.codes.ok:
            raise Failure(Kind.UNAVAILABLE, "the risk service is not up")

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


def _json(content: bytes) -> object:
    try:
        return decode(content)
    except Failure:
        raise Failure(Kind.UNAVAILABLE, "the risk service sent no JSON") from None
