"""A sandbox EHR with a real, empty store, and made-up resources for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry.fhir.check import problems
from wherry.resource import Resource
from wherry_ehr.app import create_app
from wherry_ehr.auth.clients import own_client
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.chart.hooks import Heard, Offered
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store


class Page(HTMLParser):
    """The text of a page by cell, its tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data.strip()


class Made:
    """Makes synthetic resources."""

    @staticmethod
    def patient(id_: str = "p-1", family: str = "Testperson", **more: Any) -> Resource:
        """A made-up patient."""
        return {
            "resourceType": "Patient",
            "id": id_,
            "identifier": [{"system": "urn:example:mrn", "value": "MRN-77"}],
            "name": [{"family": family, "given": ["Ada", "B."]}],
            "birthDate": "1951-03-02",
            "gender": "female",
            **more,
        }

    @staticmethod
    def observation(id_: str, category: str, text: str, **more: Any) -> Resource:
        """A made-up measurement of p-1."""
        system = "http://terminology.hl7.org/CodeSystem/observation-category"
        return {
            "resourceType": "Observation",
            "id": id_,
            "status": "final",
            "category": [{"coding": [{"system": system, "code": category}]}],
            "code": {"coding": [{"system": "urn:example:code", "code": text}], "text": text},
            "subject": {"reference": "Patient/p-1"},
            "effectiveDateTime": "2026-03-01T11:30:00+01:00",
            **more,
        }

    @staticmethod
    def assessment(id_: str, tier: str, when: str) -> Resource:
        """A made-up score of p-1."""
        return {
            "resourceType": "RiskAssessment",
            "id": id_,
            "status": "final",
            "method": {"text": "National Early Warning Score 2"},
            "subject": {"reference": "Patient/p-1"},
            "occurrenceDateTime": when,
            "basis": [{"reference": "Observation/o-1"}, {"reference": "Observation/o-2"}],
            "prediction": [{"qualitativeRisk": {"text": tier}, "rationale": f"NEWS2: {tier}."}],
            "note": [{"text": "Supports judgement."}],
        }


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Answering:
    """A CDS server behind the port: its catalogue, and whatever a subclass answers to a hook."""

    services: list[Offered]

    def answered(self, service: str, body: Any, timeout_s: float) -> Any:
        """The answer to one hook, or a Failure to be raised."""
        raise NotImplementedError

    def told(self, service: str, body: Any) -> Heard:
        """The answer to feedback."""
        return Heard(200, b"{}")

    def ask(
        self, method: str, url: str, body: bytes | None, *, bearer: str, timeout_s: float
    ) -> Heard:
        path = url.partition("/cds-services")[2].strip("/")
        if not path:
            listed = [one._asdict() for one in self.services]
            return Heard(200, encode({"services": listed}))
        service, _, feedback = path.partition("/")
        if feedback:
            return self.told(service, decode(body or b""))
        answer = self.answered(service, decode(body or b""), timeout_s)
        if isinstance(answer, Failure):
            raise answer
        return answer if isinstance(answer, Heard) else Heard(200, encode(answer))


class CdsService(Answering):
    """Offers one service and answers as a test says; keeps what it was asked and told."""

    def __init__(self) -> None:
        self.services = [Offered("early-warning", "patient-view", "Early warning", PREFETCH)]
        self.answer: Mapping[str, Any] | Failure | Heard = {"cards": []}
        self.asked: list[Any] = []
        self.feedback: list[Any] = []
        self.bearers: list[tuple[str, str]] = []
        self.feedback_status = 200

    def ask(
        self, method: str, url: str, body: bytes | None, *, bearer: str, timeout_s: float
    ) -> Heard:
        self.bearers.append((url, bearer))
        return super().ask(method, url, body, bearer=bearer, timeout_s=timeout_s)

    def answered(self, service: str, body: Any, timeout_s: float) -> Any:
        self.asked.append(body)
        return self.answer

    def told(self, service: str, body: Any) -> Heard:
        self.feedback.append(body)
        return Heard(self.feedback_status, b"{}")


PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&category=vital-signs&_count=200",
}
CDS = CdsServer("wherry-cds", "Wherry", "http://127.0.0.1:8104")
APP = own_client("http://127.0.0.1:8105")


@dataclass
class Sandbox:
    """A sandbox EHR with an empty store, and a clinician who is signed in."""

    client: FlaskClient
    cds: CdsService
    deps: Deps

    def put(self, *resources: Resource) -> None:
        for each in resources:
            answer = self.client.put(
                f"/fhir/{each['resourceType']}/{each['id']}",
                data=encode(each),
                content_type="application/fhir+json",
            )
            assert answer.status_code == 201, answer.get_data(as_text=True)

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(path, data=form)

    @staticmethod
    def page_of(answer: Any) -> Page:
        return Page(answer.get_data(as_text=True))

    def parsed(self, path: str) -> Page:
        return Page(self.page(path))

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        return answer.get_data(as_text=True)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    url = f"sqlite:///{tmp_path}/ehr.db"
    upgrade(url)
    store, registry, ids, cds = open_store(url), CollectorRegistry(), count(1), CdsService()
    deps = Deps(
        store=store,
        clock=FixedClock(),
        new_id=lambda: f"{next(ids):08}-0000-4000-8000-000000000000",
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        open_fhir=True,
        clients=(APP,),
        hooks=cds,
        cds_servers=(CDS,),
    )
    client = create_app(deps).test_client()
    client.post("/chart/_session", data={"clinician": "sandbox-clinician-1"})
    yield Sandbox(client, cds, deps)
    store.close()


@pytest.fixture
def answering() -> type[Answering]:
    """To be made into CDS servers of a test's own."""
    return Answering


@pytest.fixture
def made() -> Made:
    return Made()
