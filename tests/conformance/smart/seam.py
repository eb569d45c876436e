"""What a suite needs and the standard does not offer: registering apps, launching, agreeing.

`Seam` says it for any server; `Sandbox` does it for the sandbox EHR in test mode. To run the suite
against another server, write another `Seam`.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from tests.conformance.smart.web import Form, Http, forms


class Seam(Protocol):
    """The ways in beside the standard."""

    def register(self, client: Mapping[str, Any]) -> requests.Response:
        """Register an app or a service; 201 when it was taken."""
        ...

    def sign_in(self) -> Http:
        """A browser in which a clinician is signed in."""
        ...

    def sign_out(self, browser: Http) -> None:
        """The clinician leaves."""
        ...

    def launch(self, browser: Http, asked: Mapping[str, Any]) -> requests.Response:
        """Open an app from the chart; `launch_url` in the answer is where the browser goes."""
        ...

    def agree(
        self, browser: Http, page: requests.Response, *, patient: str, encounter: str, allow: bool
    ) -> requests.Response:
        """Answer what the server asks the person, until it sends the browser away or refuses."""
        ...

    def put(self, resource: Mapping[str, Any]) -> None:
        """Put a made-up resource into the server."""
        ...


class Sandbox:
    """The seam of the sandbox EHR: /auth/test, open when WHERRY_EHR_TEST_SEAM is true."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._at = f"{parts.scheme}://{parts.netloc}/auth/test"
        self._http = Http()

    def register(self, client: Mapping[str, Any]) -> requests.Response:
        return self._http.post(f"{self._at}/clients", json=dict(client))

    def sign_in(self) -> Http:
        browser = Http()
        answer = browser.post(f"{self._at}/session", json={"clinician": "sandbox-clinician-1"})
        answer.raise_for_status()
        return browser

    def sign_out(self, browser: Http) -> None:
        browser.delete(f"{self._at}/session").raise_for_status()

    def launch(self, browser: Http, asked: Mapping[str, Any]) -> requests.Response:
        return browser.post(f"{self._at}/launches", json=dict(asked))

    def agree(
        self, browser: Http, page: requests.Response, *, patient: str, encounter: str, allow: bool
    ) -> requests.Response:
        answer = page
        for _ in range(6):
            inside = "/auth/choose" in answer.headers.get("Location", "")
            if answer.status_code >= 400 or (answer.is_redirect and not inside):
                return answer
            if answer.is_redirect:
                answer = browser.get(answer.headers["Location"])
                continue
            form = forms(answer.text, answer.url)[-1]
            answer = browser.post(form.action, data=_filled(form, patient, encounter, allow))
        raise AssertionError("the server asks again and again")

    def put(self, resource: Mapping[str, Any]) -> None:
        path = f"{self._at}/resources/{resource['resourceType']}/{resource['id']}"
        self._http.put(path, json=dict(resource)).raise_for_status()


def _filled(form: Form, patient: str, encounter: str, allow: bool) -> dict[str, str]:
    sent = dict(form.fields)
    if any(name == "encounter" for name, _ in form.choices):
        sent["encounter"] = encounter
    if not allow:
        return {**sent, "decision": "deny"}
    if ("decision", "allow") in form.buttons:
        return {**sent, "decision": "allow"}
    if any(name == "patient" for name, _ in form.buttons):
        return {**sent, "patient": patient}
    raise AssertionError("a page that the suite cannot answer")
