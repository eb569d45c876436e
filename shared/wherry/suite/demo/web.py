"""JSON over HTTP to a service of the suite; what goes wrong becomes a Failure that names it."""

from collections.abc import Callable
from typing import Any

import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind


class Service:
    """One service of the suite at its base address.

    It knows its callers by a `token`, or by one that they `sign` for the address of each call.
    """

    def __init__(
        self, name: str, base: str, *, token: str = "", sign: Callable[[str], str] | None = None
    ) -> None:
        self.name = name
        self.base = base
        self._sign = sign
        self._session = session(token=token)

    def get(self, path: str) -> Any:
        """The JSON at a path. Raises: Failure(UNAVAILABLE) for any answer but success."""
        return self._answer("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer to a JSON body. Raises: Failure(UNAVAILABLE) unless it is a success."""
        return self._answer("POST", path, encode(body))

    def put(self, path: str, body: Any) -> Any:
        """The JSON answer to a JSON body. Raises: Failure(UNAVAILABLE) unless it is a success."""
        return self._answer("PUT", path, encode(body))

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _answer(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._sign:
            headers["Authorization"] = f"Bearer {self._sign(self.base + path)}"
        try:
            response = self._session.request(
                method, f"{self.base}{path}", data=body, headers=headers, timeout=10
            )
        except requests.RequestException:
            raise Failure(
                Kind.UNAVAILABLE, f"does not answer at {self.base}; is the suite up?", at=self.name
            ) from None
        if not 200 <= response.status_code < 300:
            raise Failure(Kind.UNAVAILABLE, f"answered {response.status_code}", at=self.name)
        return decode(response.content)
