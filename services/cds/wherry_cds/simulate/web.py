"""The `Web` port over HTTP."""

from time import perf_counter

import requests

from wherry.adapters.http import session
from wherry.errors import Failure, Kind
from wherry_cds.simulate.calling import Heard, read


class HttpWeb:
    """One call at a time; redirects are not followed."""

    def __init__(self, *, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s

    def ask(self, method: str, url: str, body: bytes | None, *, bearer: str) -> Heard:
        """Whatever is answered. Raises: Failure(UNAVAILABLE) when nothing is."""
        headers = {"Accept": "application/json, application/fhir+json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        began = perf_counter()
        try:
            with session(token=bearer, read_s=self._timeout_s) as http:
                answer = http.request(method, url, data=body, headers=headers)
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "nothing answers there", at=url) from None
        return Heard(answer.status_code, read(answer.content), 1000 * (perf_counter() - began))
