"""A SMART server as an app and a browser see it: discovery, flows, tokens, FHIR."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
from tests.conformance.smart import data
from tests.conformance.smart.check import expect
from tests.conformance.smart.keys import JWT_BEARER, Key, assertion, challenge, ec, public, rsa
from tests.conformance.smart.seam import Seam
from tests.conformance.smart.web import Http, params

CALLBACK = "http://127.0.0.1:9/callback"
LAUNCH_AT = "http://127.0.0.1:9/launch"
ALL = (
    "launch launch/patient launch/encounter openid fhirUser offline_access online_access "
    "patient/*.cruds user/*.cruds"
)


@dataclass(frozen=True)
class App:
    """A registered app or service of the suite; without key and secret it is a public one."""

    client_id: str
    key: Key | None = None
    secret: str = ""
    redirect_uri: str = CALLBACK


@dataclass
class Server:
    """One server; `base` is its FHIR base. Its parts are looked up once."""

    base: str
    seam: Seam
    http: Http = field(default_factory=Http)
    is_stocked: bool = False

    def __post_init__(self) -> None:
        self.base = self.base.rstrip("/")

    @cached_property
    def config(self) -> dict[str, Any]:
        """The SMART configuration."""
        found: dict[str, Any] = self.http.get(f"{self.base}/.well-known/smart-configuration").json()
        return found

    @cached_property
    def browser(self) -> Http:
        """The browser of a clinician, with patients to choose from."""
        self.stock()
        return self.seam.sign_in()

    def stock(self) -> None:
        """Put the made-up data in, once, before anything asks for them."""
        if not self.is_stocked:
            self.is_stocked = True
            for each in data.RESOURCES:
                self.seam.put(each)

    @cached_property
    def public(self) -> App:
        """A public app that may ask for everything."""
        return self.register(auth_method="none")

    @cached_property
    def symmetric(self) -> App:
        """A confidential app with a secret."""
        secret = secrets.token_urlsafe(32)
        from_secret = {"auth_method": "client_secret_basic", "secret_sha256": data.digest(secret)}
        made = self.register(**from_secret)
        return App(made.client_id, secret=secret)

    @cached_property
    def asymmetric(self) -> App:
        """A confidential app with keys, registered by value."""
        return self.register(jwks=public(ec(), rsa()))

    @cached_property
    def backend(self) -> App:
        """A backend service with keys."""
        return self.service("system/*.cruds __introspect")

    def service(self, scope: str, **more: Any) -> App:
        """A backend service that may ask for this."""
        return self.register(
            scope=scope, redirect_uris=[], launch_url="", **{"jwks": public(ec(), rsa()), **more}
        )

    def register(self, **changes: Any) -> App:
        """A new app; it fails when the server does not take it."""
        self.stock()
        client = self.registration(**changes)
        answer = self.seam.register(client)
        expect(answer.status_code == 201, f"an app is not registered: {answer.status_code}")
        has_key = "jwks" in client or "jwks_uri" in client
        uris = client["redirect_uris"]
        return App(
            str(answer.json()["client_id"]),
            ec() if has_key else None,
            redirect_uri=uris[0] if uris else "",
        )

    @staticmethod
    def registration(**changes: Any) -> dict[str, Any]:
        """What is registered unless something is changed."""
        client = {
            "client_id": f"suite-{secrets.token_hex(8)}",
            "name": "Conformance suite (development and test)",
            "launch_url": LAUNCH_AT,
            "redirect_uris": [CALLBACK],
            "scope": ALL,
            **changes,
        }
        return {name: value for name, value in client.items() if value is not None}

    def launched(self, app: App, *, browser: Http | None = None, **context: Any) -> dict[str, str]:
        """What the chart hands to the app: `iss` and `launch`."""
        asked = {"client_id": app.client_id, "patient": data.ADA, **context}
        answer = self.seam.launch(browser or self.browser, asked)
        expect(answer.status_code == 201, f"an app is not launched: {answer.status_code}")
        url = str(answer.json()["launch_url"])
        expect(url.startswith(LAUNCH_AT), "the launch goes to another address than registered")
        return params(url)

    def asked(self, app: App, scope: str, /, **changes: Any) -> dict[str, str]:
        """The parameters of a good authorization request; None leaves one out."""
        given = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": scope,
            "state": data.STATE,
            "aud": self.base,
            "code_challenge": challenge(data.VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    def authorize(
        self, asked: Mapping[str, str], *, method: str = "GET", browser: Http | None = None
    ) -> requests.Response:
        """The answer to an authorization request of this browser."""
        url, who = self.config["authorization_endpoint"], browser or self.browser
        return who.get(url, params=asked) if method == "GET" else who.post(url, data=asked)

    def launch(self, app: App, scope: str, *, method: str = "GET", **more: Any) -> dict[str, str]:
        """What the app is told at the end of an EHR launch.

        `changes` go into the authorization request, anything else into the launch.
        """
        changes, browser = more.pop("changes", {}), more.pop("browser", None)
        handed = self.launched(app, browser=browser, **more)
        asked = self.asked(app, scope, launch=handed["launch"], **changes)
        return self.told(self.authorize(asked, method=method, browser=browser), app)

    def standalone(
        self,
        app: App,
        scope: str,
        *,
        patient: str = data.ADA,
        encounter: str = "",
        allow: bool = True,
        **changes: Any,
    ) -> dict[str, str]:
        """What the app is told at the end of a standalone launch."""
        page = self.authorize(self.asked(app, scope, **changes))
        answer = self.seam.agree(
            self.browser, page, patient=patient, encounter=encounter, allow=allow
        )
        return self.told(answer, app)

    def told(self, answer: requests.Response, app: App) -> dict[str, str]:
        """The parameters with which the browser is sent to the app."""
        expect(answer.is_redirect, f"the browser is not sent to the app: {answer.status_code}")
        location = answer.headers["Location"]
        expect(location.startswith(app.redirect_uri), "the browser is sent somewhere else")
        return params(location)

    def exchange(self, app: App, code: str, /, **changes: Any) -> requests.Response:
        """The answer to a token request for this code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": app.redirect_uri,
            "code_verifier": data.VERIFIER,
        }
        return self.token_request(app, form, **changes)

    def refresh(self, app: App, token: str, /, **changes: Any) -> requests.Response:
        """The answer to a refresh request."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.token_request(app, form, **changes)

    def credentials(self, app: App, scope: str | None, /, **changes: Any) -> requests.Response:
        """The answer to a backend service's request."""
        form = {"grant_type": "client_credentials", "scope": scope}
        return self.token_request(app, form, **changes)

    def token_request(
        self, app: App, form: Mapping[str, Any], /, *, headers: Any = None, **changes: Any
    ) -> requests.Response:
        """A POST to the token endpoint by this app, which authenticates in its way."""
        return self.as_client(self.config["token_endpoint"], app, form, headers, **changes)

    def as_client(
        self, url: str, app: App, form: Mapping[str, Any], headers: Any = None, /, **changes: Any
    ) -> requests.Response:
        """A form to an endpoint at which apps authenticate."""
        sent = {**self.authentication(app), **form, **changes}
        basic = {}
        if app.secret:
            pair = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
            basic = {"Authorization": f"Basic {pair}"}
        return self.http.post(
            url,
            data={name: value for name, value in sent.items() if value is not None},
            headers={**basic, **(headers or {})},
        )

    def authentication(self, app: App) -> dict[str, str]:
        """What a form says of who sends it."""
        if app.key is not None:
            signed = assertion(app.client_id, self.config["token_endpoint"], key=app.key)
            return {"client_assertion_type": JWT_BEARER, "client_assertion": signed}
        return {} if app.secret else {"client_id": app.client_id}

    def tokens(self, app: App, scope: str, **more: Any) -> dict[str, Any]:
        """The token response after an EHR launch."""
        return self.good(self.exchange(app, self.launch(app, scope, **more)["code"]))

    def tokens_standalone(self, app: App, scope: str, **more: Any) -> dict[str, Any]:
        """The token response after a standalone launch."""
        return self.good(self.exchange(app, self.standalone(app, scope, **more)["code"]))

    def service_token(self, scope: str) -> str:
        """An access token of the backend service."""
        return str(self.good(self.credentials(self.backend, scope))["access_token"])

    @staticmethod
    def good(answer: requests.Response) -> dict[str, Any]:
        """The body of a token response. Fails for any other answer, without repeating it."""
        expect(answer.status_code == 200, f"no token is given: {answer.status_code}")
        body: dict[str, Any] = answer.json()
        return body

    def fhir(self, token: str, path: str, method: str = "GET", **more: Any) -> requests.Response:
        """A request to the FHIR API with this token; without one when it is empty."""
        headers = {"Accept": "application/fhir+json", **more.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.request(method, f"{self.base}/{path}", headers=headers, **more)

    def found(self, token: str, path: str) -> list[str]:
        """The ids that a search finds, on all of its pages."""
        ids: list[str] = []
        url = path
        for _ in range(20):
            answer = self.fhir(token, url)
            expect(answer.status_code == 200, f"a search is refused: {answer.status_code}")
            bundle = answer.json()
            ids += [one["resource"]["id"] for one in bundle.get("entry", [])]
            links = {one["relation"]: one["url"] for one in bundle.get("link", [])}
            if "next" not in links:
                return sorted(ids)
            url = links["next"].removeprefix(f"{self.base}/")
        return sorted(ids)


def error_of(answer: requests.Response) -> str:
    """The OAuth error of an answer; what is no error is said by its status."""
    if answer.status_code < 400:
        return f"no error but {answer.status_code}"
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError):
        return f"no OAuth error in a {answer.status_code}"


def is_absolute(url: str) -> bool:
    """Whether it is an absolute address."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not parts.fragment
