"""A sandbox EHR with two registered apps, a clinician at the chart, and made-up patients."""

from collections.abc import Iterator
from itertools import count

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.ehr.auth.driver import APP, SECOND, Clock, Smart, patient, pulse

from wherry.fhir.check import problems
from wherry_ehr.app import create_app
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store


@pytest.fixture
def smart(sqlite_url: str) -> Iterator[Smart]:
    upgrade(sqlite_url)
    registry, ids, clock = CollectorRegistry(), count(1), Clock()
    deps = Deps(
        store=open_store(sqlite_url),
        clock=clock,
        new_id=lambda: f"{next(ids):08}-0000-4000-8000-000000000000",
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        fhir_token=SecretStr("made-up-service-secret"),
        clients=(APP, SECOND),
    )
    found = Smart(create_app(deps).test_client(), clock, deps)
    found.sign_in()
    encounter = {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p-1"},
    }
    found.put(patient("p-1"), patient("p-2"), encounter, pulse("o-1", "p-1"), pulse("o-2", "p-2"))
    yield found
    deps.store.close()
