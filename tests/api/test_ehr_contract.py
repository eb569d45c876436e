"""openapi/ehr.yaml and the sandbox EHR say the same, whatever is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, settings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.api.ehr_bodies import put_right
from tests.api.refusals import REFUSED, is_lost_in_the_address

from wherry.fhir.check import problems
from wherry_ehr.app import create_app
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store

CONTRACT = Path(__file__).parents[2] / "openapi" / "ehr.yaml"
FORM = "application/x-www-form-urlencoded"
TOKEN = "made-up-secret"
NUMBERS = count(1)

# What JSON Schema cannot say: a resource that is not valid R4 is a 422; another version than the
# current one is a 412, what is not there a 404 or 410, two who write at once a 409, and what the
# caller has already a 304.
# Secrets that nobody was given, well formed as they may be, are a 400 of the authorization server.
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "304", "404", "409", "410", "412", "422"]
            },
        },
        "operations": [
            {
                "include-operation-id": [
                    "authorize",
                    "authorize-post",
                    "token",
                    "revoke",
                    "introspect",
                ],
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401"]}
                },
            },
        ],
    }
)


class Now:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Later:
    """The WSGI application that the fixture starts, asked from this machine."""

    app: Flask

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


LATER = Later()
schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = LATER


@pytest.fixture(scope="module", autouse=True)
def served() -> Iterator[None]:
    """The contract's app, on a store of its own."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ehr.db"
        upgrade(url)
        registry, store = CollectorRegistry(), open_store(url)
        LATER.app = create_app(
            Deps(
                store=store,
                clock=Now(),
                new_id=lambda: f"{next(NUMBERS):08}-0000-4000-8000-000000000000",
                check=problems,
                metrics=Metrics(registry),
                registry=registry,
                fhir_token=SecretStr(TOKEN),
            )
        )
        yield
        store.close()


def _is_lost_in_a_form(case: Any) -> bool:
    """A form has only texts: an empty list in it would never reach the server."""
    body = case.body
    if case.media_type != FORM or not isinstance(body, dict):
        return False
    return any(not isinstance(value, str | int) for value in body.values())


def _is_lost_in_the_path(case: Any) -> bool:
    """An address has only texts: null arrives as the id `null`."""
    return any(not isinstance(value, str) for value in (case.path_parameters or {}).values())


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    put_right(case)
    assume(not _is_lost_in_a_form(case))
    assume(not is_lost_in_the_address(case))
    assume(not _is_lost_in_the_path(case))
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
