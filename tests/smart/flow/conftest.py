"""A launch host around fakes, and browsers to launch it with."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from tests.smart.fakes import Cards, Deeds, Scorer, at_the_end, in_turn
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry.ports import Fhir
from wherry.testing.fhir import FakeFhir
from wherry_smart.app import create_app
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.client_auth import ClientAuth
from wherry_smart.deps import Deps, Here, Limits
from wherry_smart.fetching import Fetcher
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.client import Key
from wherry_smart.protocol.launches import Session, unpack
from wherry_smart.protocol.profiles import profiles
from wherry_smart.vault_redis import RedisVault

ISSUER = "https://ehr.example.org/fhir"
PUBLIC = "http://127.0.0.1:8105"
CLIENT_SECRET = "made-up/client+secret"


@dataclass
class Host:
    """The launch host under test; `opened` are base and token of every FHIR server it opened."""

    app: Flask
    deps: Deps
    redis: fakeredis.FakeRedis
    redis_server: fakeredis.FakeServer
    fhir: FakeFhir
    scorer: Scorer
    cards: Cards
    deeds: Deeds
    opened: list[tuple[str, str]]
    ehr: Any
    clock: Any

    def browser(self) -> FlaskClient:
        """A browser with cookies of its own."""
        return self.app.test_client()

    def launch(self, browser: FlaskClient, iss: str = ISSUER, handle: str = "xyz") -> TestResponse:
        """The answer that sends the browser to the EHR, or the refusal that comes before it."""
        return self.follow(browser, "/launch", iss=iss, launch=handle)

    def follow(self, browser: FlaskClient, path: str, **query: str) -> TestResponse:
        """Open the app and take the hop that shows the cookie."""
        begun = browser.get(path, query_string=query)
        on = begun.headers.get("Location", "")
        return browser.get(on) if on.startswith("/launch/continue") else begun

    def come_back(self, browser: FlaskClient) -> TestResponse:
        """Launch, approve and return."""
        return browser.get(self.ehr.approve(self.launch(browser).headers["Location"]))

    def open(self, browser: FlaskClient) -> str:
        """A whole good launch; the path of the session."""
        returned = self.come_back(browser)
        assert returned.status_code == 303, returned.get_data(as_text=True)
        return str(returned.headers["Location"])

    def encode(self, value: Any) -> bytes:
        """JSON."""
        return encode(value)

    def tokens_name(self, path: str) -> str:
        """The name under which the tokens of this session are kept."""
        found = unpack(Session, self.deps.vault.get("session", path.split("/")[2]))
        assert found is not None
        return found.tokens

    def do(self, browser: FlaskClient, path: str, deed: str, **body: Any) -> TestResponse:
        """A deed of our own page."""
        about: Any = browser.get(f"{path}api/session").json
        word = about["csrf"]
        return browser.post(f"{path}api/{deed}", json=body, headers={"X-CSRF-Token": word})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """What a build of the page looks like."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>made-up page</title>")
    (tmp_path / "dist" / "assets" / "index-1a2b.js").write_text("made('up')")
    return tmp_path / "dist"


@pytest.fixture
def with_profile(ehr: Any, clock: Any, page: Path, client_key: Key) -> Callable[..., Host]:
    """A host whose one EHR has this profile."""

    def made(**profile: Any) -> Host:
        return _host(ehr, clock, page, client_key, {"iss": ISSUER, **profile})

    return made


@pytest.fixture
def host(with_profile: Callable[..., Host]) -> Host:
    return with_profile()


@pytest.fixture
def with_deps(host: Host) -> Callable[..., Host]:
    """The host with some of its Deps replaced."""

    def made(**changes: Any) -> Host:
        deps = replace(host.deps, **changes)
        return replace(host, app=create_app(deps), deps=deps)

    return made


def _host(ehr: Any, clock: Any, page: Path, client_key: Key, profile: dict[str, Any]) -> Host:
    server = fakeredis.FakeServer()
    redis, fhir, scorer = fakeredis.FakeRedis(server=server), FakeFhir(), Scorer()
    cards, deeds, registry = Cards(), Deeds(), CollectorRegistry()
    opened: list[tuple[str, str]] = []
    secrets = count(1)

    def secret(size: int) -> str:
        raw = hashlib.sha512(f"made-up {next(secrets)}".encode()).digest()
        return base64.urlsafe_b64encode(raw[:size]).rstrip(b"=").decode()

    @contextmanager
    def fhir_of(base: str, token: str) -> Iterator[Fhir]:
        opened.append((base, token))
        yield fhir

    auth = ClientAuth(
        signing=lambda _algorithm, _kid: client_key,
        secret_of=lambda _name: CLIENT_SECRET,
        clock=clock,
        random=secret,
    )
    here, vault = Here(PUBLIC), RedisVault(redis, lambda: (b"0" * 32,))
    deps = Deps(
        profiles=profiles([profile], client_id="wherry-smart", redirect=here.redirect),
        authorization=HttpAuthorization(
            auth=auth, fetcher=Fetcher({}), ticks=lambda: clock.now().timestamp()
        ),
        vault=vault,
        turns=vault,
        fhir=fhir_of,
        scorer=scorer,
        cards=cards,
        deeds=deeds,
        clock=clock,
        secret=secret,
        pause=lambda seconds: clock.pass_(seconds=seconds),
        each=in_turn,
        later=at_the_end,
        here=here,
        keys=lambda: [client_key],
        page=page,
        frame_ancestors={ISSUER: ("https://ehr.example.org",)},
        limits=Limits(session_s=3600, idle_s=900),
        metrics=Metrics(registry),
        registry=registry,
    )
    app = create_app(deps)
    return Host(app, deps, redis, server, fhir, scorer, cards, deeds, opened, ehr, clock)
