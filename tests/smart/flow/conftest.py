"""A launch host around fakes, and browsers to launch it with."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from prometheus_client import CollectorRegistry
from werkzeug.test import TestResponse

from wherry.errors import Failure
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry_smart.app import create_app
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.deps import Client, Deps
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.addresses import allow_list
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import WANTED
from wherry_smart.vault_redis import RedisVault

ISSUER = "https://ehr.example.org/fhir"
PUBLIC = "http://127.0.0.1:8105"


class Scorer:
    """A risk service whose answers are given."""

    def __init__(self) -> None:
        self.listed: list[Mapping[str, Any]] = [
            {"id": "news2", "title": "National Early Warning Score 2", "horizon_s": 86400}
        ]
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.asked: list[tuple[str, str, Sequence[Resource]]] = []
        self.failure: Failure | None = None

    def models(self) -> Sequence[Mapping[str, Any]]:
        if self.failure:
            raise self.failure
        return self.listed

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        self.asked.append((model, patient_id, resources))
        scored = {"model": model, "status": "scored", "score": 7, "tier": "high", "at": at}
        return self.answers.get(model, scored)

    def ping(self) -> None:
        if self.failure:
            raise self.failure


@dataclass
class Host:
    """The launch host under test."""

    app: Flask
    deps: Deps
    redis: fakeredis.FakeRedis
    redis_server: fakeredis.FakeServer
    fhir: FakeFhir
    scorer: Scorer
    sessions: list[Session]
    ehr: Any
    clock: Any

    def browser(self) -> FlaskClient:
        """A browser with cookies of its own."""
        return self.app.test_client()

    def launch(self, browser: FlaskClient, iss: str = ISSUER, handle: str = "xyz") -> TestResponse:
        return browser.get("/launch", query_string={"iss": iss, "launch": handle})

    def come_back(self, browser: FlaskClient) -> TestResponse:
        """Launch, approve and return."""
        return browser.get(self.ehr.approve(self.launch(browser).headers["Location"]))

    def open(self, browser: FlaskClient) -> str:
        """A whole good launch; the path of the session."""
        returned = self.come_back(browser)
        assert returned.status_code == 303, returned.get_data(as_text=True)
        return str(returned.headers["Location"])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """What a build of the page looks like."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>made-up page</title>")
    (tmp_path / "dist" / "assets" / "index-1a2b.js").write_text("made('up')")
    return tmp_path / "dist"


@pytest.fixture
def host(ehr: Any, clock: Any, page: Path, client_key: ECKey) -> Host:
    server = fakeredis.FakeServer()
    redis, fhir, scorer = fakeredis.FakeRedis(server=server), FakeFhir(), Scorer()
    allow, registry = allow_list([ISSUER], []), CollectorRegistry()
    client = Client("wherry-smart", " ".join(WANTED), PUBLIC)
    opened: list[Session] = []
    secrets = count(1)

    def secret(size: int) -> str:
        raw = hashlib.sha512(f"made-up {next(secrets)}".encode()).digest()
        return base64.urlsafe_b64encode(raw[:size]).rstrip(b"=").decode()

    @contextmanager
    def fhir_of(session: Session) -> Iterator[Fhir]:
        opened.append(session)
        yield fhir

    deps = Deps(
        allow=allow,
        authorization=HttpAuthorization(
            allow=allow,
            client=client,
            key=lambda: client_key,
            clock=clock,
            secret=secret,
            routes={},
        ),
        vault=RedisVault(redis, lambda: b"0" * 32),
        fhir=fhir_of,
        scorer=scorer,
        clock=clock,
        secret=secret,
        client=client,
        key=lambda: client_key,
        page=page,
        frame_ancestors=("https://ehr.example.org",),
        session_s=3600,
        metrics=Metrics(registry),
        registry=registry,
    )
    return Host(create_app(deps), deps, redis, server, fhir, scorer, opened, ehr, clock)


@pytest.fixture
def with_deps(host: Host) -> Callable[..., Host]:
    """The host with some of its Deps replaced."""

    def made(**changes: Any) -> Host:
        deps = replace(host.deps, **changes)
        return replace(host, app=create_app(deps), deps=deps)

    return made
