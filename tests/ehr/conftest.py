"""A sandbox EHR in this process, on SQLite or on both databases. All resources are made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine, make_url, text
from werkzeug.test import TestResponse

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry.resource import Resource
from wherry_ehr.app import create_app
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store
from wherry_ehr.store.tables import metadata

FHIR = "application/fhir+json"
STORE = "wherry_test_ehr"


class Ticking:
    """A clock that is one second later each time it is asked."""

    def __init__(self) -> None:
        self._seconds = count()

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=next(self._seconds))


@dataclass
class Ehr:
    """The service as its clients see it."""

    client: FlaskClient
    deps: Deps

    def ask(
        self, method: str, path: str, body: Resource | None = None, **headers: str
    ) -> TestResponse:
        return self.client.open(
            f"/fhir{path}",
            method=method,
            data=encode(body) if body is not None else None,
            content_type=FHIR if body is not None else None,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, None, **headers)

    def created(self, resource: Resource) -> Resource:
        answer = self.ask("POST", f"/{resource['resourceType']}", resource)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return body_of(answer)

    def found(self, path: str) -> list[str]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [entry["resource"]["id"] for entry in body_of(answer).get("entry", [])]

    def bundle(self, type_: str, *entries: Resource, **headers: str) -> TestResponse:
        return self.ask(
            "POST", "", {"resourceType": "Bundle", "type": type_, "entry": list(entries)}, **headers
        )

    def vids(self, type_: str, id_: str) -> int:
        """How many versions there are."""
        numbers = (
            n for n in count(1) if self.get(f"/{type_}/{id_}/_history/{n}").status_code == 404
        )
        return next(numbers) - 1


def body_of(answer: TestResponse) -> Resource:
    value = decode(answer.get_data())
    assert isinstance(value, dict)
    return value


class Make:
    """Makes synthetic resources and Bundle entries."""

    @staticmethod
    def patient(value: str = "1", **more: Any) -> Resource:
        return {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:example:mrn", "value": value}],
            "name": [{"family": "Testperson"}],
            **more,
        }

    @staticmethod
    def observation(value: str = "1", **more: Any) -> Resource:
        return {
            "resourceType": "Observation",
            "identifier": [{"system": "urn:example:observation", "value": value}],
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            **more,
        }

    @staticmethod
    def entry(method: str, url: str, resource: Resource | None = None, **more: Any) -> Resource:
        request = {"method": method, "url": url}
        for name in ("ifMatch", "ifNoneExist"):
            if name in more:
                request[name] = more.pop(name)
        body = {} if resource is None else {"resource": resource}
        return {**body, **more, "request": request}

    @staticmethod
    def urn(n: int) -> str:
        return f"urn:uuid:00000000-0000-4000-8000-{n:012}"


@contextmanager
def serving(url: str, **settings: Any) -> Iterator[Ehr]:
    """The service around the migrated store at this address."""
    registry, ids = CollectorRegistry(), count(1)
    deps = Deps(
        store=open_store(url),
        clock=Ticking(),
        new_id=lambda: f"{next(ids):08}-0000-4000-8000-000000000000",
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        **{"open_fhir": True, **settings},
    )
    try:
        yield Ehr(create_app(deps).test_client(), deps)
    finally:
        deps.store.close()


@pytest.fixture
def ehr(sqlite_url: str) -> Iterator[Ehr]:
    """The service on SQLite."""
    upgrade(sqlite_url)
    with serving(sqlite_url) as ehr:
        yield ehr


@pytest.fixture(scope="session")
def postgres_store(postgres_server: str) -> Iterator[str]:
    """A migrated store on PostgreSQL, made once: making a database takes longer than a test."""
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {STORE}"))
        connection.execute(text(f"CREATE DATABASE {STORE}"))
    url = make_url(postgres_server).set(database=STORE).render_as_string(hide_password=False)
    upgrade(url)
    yield url
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {STORE} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated store on either database."""
    if request.param == "sqlite":
        url = str(request.getfixturevalue("sqlite_url"))
        upgrade(url)
        return url
    url = str(request.getfixturevalue("postgres_store"))
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in metadata.tables:
            connection.execute(text(f"TRUNCATE {table}"))
    engine.dispose()
    return url


@pytest.fixture
def either(store_url: str) -> Iterator[Ehr]:
    """The service on SQLite, then on PostgreSQL."""
    with serving(store_url) as ehr:
        yield ehr


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def body() -> Any:
    """Reads an answer's JSON with its digits."""
    return body_of


@pytest.fixture
def serve() -> Any:
    """Starts a service with settings of the test's own."""
    return serving
