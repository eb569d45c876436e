"""The `Hooks` port over HTTP, against any CDS Hooks 2.0 service."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from wherry.adapters.http import session
from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.chart.hooks import Offered

_MAX_WORDS = 200


class HttpHooks:
    """One CDS service; `token` is the secret between services, if there is one."""

    def __init__(self, base_url: str, *, token: str = "") -> None:
        self._base = f"{base_url.rstrip('/')}/cds-services"
        self._token = token

    def offered(self, *, timeout_s: float) -> list[Offered]:
        """What it offers; entries that are not understood are left out."""
        services = self._ask("GET", self._base, None, timeout_s).get("services")
        return [_offered(one) for one in services or [] if isinstance(one, dict)]

    def call(self, service_id: str, body: bytes, *, timeout_s: float) -> Mapping[str, Any]:
        """The answer to this hook."""
        return self._ask("POST", f"{self._base}/{quote(service_id, safe='')}", body, timeout_s)

    def _ask(
        self, method: str, url: str, body: bytes | None, timeout_s: float
    ) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with session(token=self._token, connect_s=timeout_s, read_s=timeout_s) as http:
                answer = http.request(
                    method, url, data=body, headers=headers, allow_redirects=False
                )
        except requests.Timeout:
            raise Failure(Kind.UNAVAILABLE, "it did not answer in time") from None
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "it cannot be reached") from None
        value = _object(answer.content)
        if answer.status_code != 200 or value is None:
            raise Failure(Kind.UNAVAILABLE, _words(value, answer.status_code))
        return value


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = decode(content)
    except Failure:
        return None
    return value if isinstance(value, dict) else None


def _words(outcome: Mapping[str, Any] | None, status: int) -> str:
    """What an OperationOutcome says, as far as it says anything."""
    issues = outcome.get("issue") if outcome else None
    first = issues[0] if isinstance(issues, list) and issues else None
    details = first.get("details") if isinstance(first, dict) else None
    text = details.get("text") if isinstance(details, dict) else None
    said = f": {text[:_MAX_WORDS]}" if isinstance(text, str) and text else ""
    return f"it answered {status}{said}"


def _offered(entry: Mapping[str, Any]) -> Offered:
    prefetch = entry.get("prefetch")
    return Offered(
        id=str(entry.get("id", "")),
        hook=str(entry.get("hook", "")),
        title=str(entry.get("title") or entry.get("id", "")),
        prefetch={str(name): str(template) for name, template in prefetch.items()}
        if isinstance(prefetch, dict)
        else {},
    )
