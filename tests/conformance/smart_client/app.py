"""A SMART app as an EHR and a browser see it: launches, redirects, pages; nothing of its inside."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from tests.conformance.smart_client.check import expect
from tests.conformance.smart_client.ehr import Ehr

TIMEOUT_S = 20
HANDLE = "made-up-handle/of+the launch"


class Browser(requests.Session):
    """A browser that is led nowhere by itself, so that each step can be looked at."""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As requests does it."""
        kwargs.setdefault("timeout", TIMEOUT_S)
        kwargs["allow_redirects"] = False
        return super().request(method, url, *args, **kwargs)


class Moving(Protocol):
    """The app's clock, so many seconds ahead."""

    ahead_s: float


@dataclass
class Launch:
    """One launch under way: the browser, and the authorization request that it was sent with."""

    browser: Browser
    method: str
    endpoint: str
    asked: dict[str, str]
    answers: list[requests.Response] = field(default_factory=list)

    @property
    def scopes(self) -> list[str]:
        """What it asks for."""
        return self.asked.get("scope", "").split()


@dataclass
class App:
    """The app under test at `url`; `ehr` is the EHR that launches it.

    `told` are all log lines so far, `kinds` the EHRs that it has a registration with.
    """

    url: str
    ehr: Ehr
    told: list[str]
    clock: Moving
    service: Callable[[str, str], bool]
    """Whether the app gets a token from this FHIR base as a backend service with this scope."""

    def try_service(self, kind: str, scope: str) -> bool:
        """Ask for a token as a backend service."""
        return self.service(self.ehr.base(kind), scope)

    def later(self, seconds: float) -> None:
        """Let time pass for the app."""
        self.clock.ahead_s += seconds

    def open(self, kind: str = "key", *, handle: str = HANDLE, iss: str = "") -> requests.Response:
        """The launch, as the EHR sends the browser to it; the last answer of the app itself."""
        return self._follow(Browser(), self._launch(kind, handle, iss))[-1]

    def launch(self, kind: str = "key", *, browser: Browser | None = None, **more: str) -> Launch:
        """A launch until the browser is to go to the authorization server."""
        who = browser or Browser()
        address = self._launch(kind, more.get("handle", HANDLE), more.get("iss", ""))
        return self._asked(who, self._follow(who, address))

    def standalone(self, kind: str = "key", way: str = "standalone") -> Launch:
        """A launch without an EHR, until the browser is to go to the authorization server."""
        who = Browser()
        query = urlencode({"iss": self.ehr.base(kind), "for": way})
        return self._asked(who, self._follow(who, f"{self.url}/standalone?{query}"))

    def come_back(self, launch: Launch, **changes: Any) -> requests.Response:
        """The callback after the person agreed; None leaves a parameter out."""
        given = {"code": self.ehr.approve(launch.asked), "state": launch.asked["state"], **changes}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        answer = launch.browser.get(f"{launch.asked['redirect_uri']}?{query}")
        launch.answers.append(answer)
        return answer

    def session(self, kind: str = "key") -> tuple[Launch, str]:
        """A whole good launch, and the address of what was opened."""
        launch = self.launch(kind)
        return launch, self.opened(self.come_back(launch))

    def opened(self, answer: requests.Response) -> str:
        """Where the app opened. Fails when it did not."""
        location = answer.headers.get("Location", "")
        expect(answer.status_code == 303 and location, f"it does not open: {answer.status_code}")
        return location if location.startswith("http") else f"{self.url}{location}"

    def refused(self, answer: requests.Response) -> None:
        """Fail unless the app refused and opened nothing."""
        expect(400 <= answer.status_code < 600, f"it is not refused: {answer.status_code}")
        sets = answer.headers.get("Set-Cookie", "")
        expect("session" not in sets, "a session is begun all the same")

    def data(self, launch: Launch, address: str, panel: str = "summary") -> requests.Response:
        """Data of the page."""
        return launch.browser.get(f"{address}api/{panel}")

    def do(
        self, launch: Launch, address: str, deed: str, body: Mapping[str, Any]
    ) -> requests.Response:
        """What a person does on the page."""
        word = self.data(launch, address, "session").json()["csrf"]
        headers = {"X-CSRF-Token": word, "Origin": self.url}
        return launch.browser.post(f"{address}api/{deed}", json=dict(body), headers=headers)

    def hosted_keys(self) -> list[dict[str, Any]]:
        """The key set that the app hosts, asked for by nobody in particular."""
        found = requests.Session().get(f"{self.url}/.well-known/jwks.json", timeout=TIMEOUT_S)
        expect(found.status_code == 200, "the key set is not there")
        return list(found.json()["keys"])

    def _launch(self, kind: str, handle: str, iss: str) -> str:
        query = urlencode({"iss": iss or self.ehr.base(kind), "launch": handle})
        return f"{self.url}/launch?{query}"

    def _follow(self, who: Browser, address: str) -> list[requests.Response]:
        """The answers of the app until it sends the browser elsewhere or nowhere."""
        answers = [who.get(address)]
        for _ in range(5):
            location = answers[-1].headers.get("Location", "")
            if not location or urlsplit(location).netloc not in {"", urlsplit(self.url).netloc}:
                return answers
            on = location if location.startswith("http") else f"{self.url}{location}"
            answers.append(who.get(on))
        raise AssertionError("the app sends the browser in circles")

    def _asked(self, who: Browser, answers: list[requests.Response]) -> Launch:
        last = answers[-1]
        if last.is_redirect:
            parts = urlsplit(last.headers["Location"])
            endpoint = parts._replace(query="").geturl()
            asked = dict(parse_qsl(parts.query, keep_blank_values=True))
            return Launch(who, "GET", endpoint, asked, answers)
        form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]+)"', last.text)
        expect(form, f"the browser is not sent to the EHR: {last.status_code}")
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', last.text)
        action = unescape(form[1]) if form else ""
        asked = {unescape(name): unescape(value) for name, value in fields}
        return Launch(who, "POST", action, asked, answers)
