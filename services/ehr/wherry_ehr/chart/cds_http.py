"""The `Hooks` port over HTTP: whatever a CDS service answers, within limits of size and time."""

import requests

from wherry.adapters.http import session
from wherry.errors import Failure, Kind
from wherry_ehr.chart.hooks import Heard

MAX_BYTES = 2 * 1024 * 1024


class HttpHooks:
    """Calls addresses that were registered; redirects are not followed."""

    def ask(
        self, method: str, url: str, body: bytes | None, *, bearer: str, timeout_s: float
    ) -> Heard:
        """Whatever is answered. Raises: Failure(UNAVAILABLE) when nothing is, or too much."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with (
                session(token=bearer, connect_s=timeout_s, read_s=timeout_s) as http,
                http.request(
                    method, url, data=body, headers=headers, stream=True, allow_redirects=False
                ) as answer,
            ):
                found = answer.raw.read(MAX_BYTES + 1, decode_content=True)
        except requests.Timeout:
            raise Failure(Kind.UNAVAILABLE, "it did not answer in time") from None
        except (requests.RequestException, OSError):
            raise Failure(Kind.UNAVAILABLE, "it cannot be reached") from None
        if len(found) > MAX_BYTES:
            raise Failure(Kind.UNAVAILABLE, "its answer is too long")
        return Heard(answer.status_code, found)
