"""The sandbox's chart and the CDS service: a card is shown, taken, set aside, and then quiet."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, expect
from prometheus_client import CollectorRegistry
from sqlalchemy import Select, create_engine, select
from tests.conformance.cds.people import matches, resource, somebody, visit_of
from tests.conformance.cds.scoring import scoring
from tests.conformance.cds.serving import Wsgi, served

from wherry.adapters.clock import SystemClock, new_id
from wherry.codec import encode
from wherry.fhir.check import problems
from wherry.testing.browser import Browser, browser, chromium
from wherry_cds.app import create_app as create_cds
from wherry_cds.migrate import upgrade as upgrade_cds
from wherry_cds.settings import Settings
from wherry_cds.tables import cds_decision, cds_feedback
from wherry_cds.wiring import wire
from wherry_ehr.app import create_app
from wherry_ehr.chart.cds_http import HttpHooks
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade as upgrade_ehr
from wherry_ehr.store.sql_store import open_store
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

REASON = "Already addressed"
ESTIMATE = re.compile(r"Estimated risk of death in hospital \d+ %")
SUGGESTION = "Order a lactate"
ORDERED = re.compile("lactate", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class House:
    """An EHR with one made-up patient who is ill, and a CDS service that knows it."""

    chart: str
    patient: str
    database: str

    def decisions(self, service: str) -> list[tuple[bool, str]]:
        """What the audit says of this patient, oldest first."""
        row = cds_decision.c
        wanted = (
            select(row.shown, row.rule)
            .where(row.patient_id == self.patient, row.service == service)
            .order_by(row.id)
        )
        return [(bool(one.shown), str(one.rule)) for one in self._rows(wanted)]

    def feedback(self) -> list[tuple[str, str, str]]:
        """What the CDS service was told, oldest first."""
        row = cds_feedback.c
        wanted = select(row.service, row.outcome, row.reason).order_by(row.id)
        return [(one.service, one.outcome, one.reason) for one in self._rows(wanted)]

    def _rows(self, wanted: Select[Any]) -> list[Any]:
        engine = create_engine(self.database)
        try:
            with engine.connect() as connection:
                return list(connection.execute(wanted))
        finally:
            engine.dispose()


@pytest.fixture
def house(tmp_path: Path, redis_url: str) -> Iterator[House]:
    patient, database = somebody(), f"sqlite:///{tmp_path}/cds.db"
    upgrade_cds(database)
    models = {**registry(), **load_all().models}
    with ExitStack() as stack:
        risk = stack.enter_context(served(lambda _: scoring(models)))
        inside: list[Flask] = []

        def chart(environ: Any, start: Any) -> Any:
            return inside[0](environ, start)

        ehr = stack.enter_context(served(lambda _: chart))
        clients = tmp_path / "clients.json"
        clients.write_bytes(encode([_registration(ehr)]))

        def cds(url: str) -> Wsgi:
            settings = Settings(
                risk_url=risk,
                database_url=database,
                redis_url=redis_url,
                clients=str(clients),
                public_url=url,
            )
            return create_cds(wire(settings))

        advice = stack.enter_context(served(cds))
        inside.append(_ehr(tmp_path, advice, stack))
        _stock(inside[0], patient)
        yield House(f"{ehr}/chart", patient, database)


def _registration(ehr: str) -> dict[str, Any]:
    return {
        "id": "sandbox",
        "profile": "sandbox",
        "iss": f"{ehr}/fhir",
        "jku": [f"{ehr}/cds-client/jwks.json"],
        "fhir_servers": [f"{ehr}/fhir"],
    }


def _ehr(folder: Path, advice: str, stack: ExitStack) -> Flask:
    database = f"sqlite:///{folder}/ehr.db"
    upgrade_ehr(database)
    collected, store = CollectorRegistry(), open_store(database)
    stack.callback(store.close)
    return create_app(
        Deps(
            store=store,
            clock=SystemClock(),
            new_id=new_id,
            check=problems,
            metrics=Metrics(collected),
            registry=collected,
            open_fhir=True,
            hooks=HttpHooks(),
            cds_servers=(CdsServer("wherry-cds", "Wherry", advice),),
        )
    )


def _stock(ehr: Flask, patient: str) -> None:
    query = {"category": "vital-signs,laboratory"}
    whole = [
        resource("Patient", patient),
        resource("Encounter", visit_of(patient)),
        *matches("Observation", patient, query),
    ]
    for each in filter(None, whole):
        address = f"/fhir/{each['resourceType']}/{each['id']}"
        made = ehr.test_client().put(
            address, data=encode(each), content_type="application/fhir+json"
        )
        assert made.status_code == 201, made.get_data(as_text=True)


@pytest.fixture
def opened() -> Iterator[Browser]:
    with browser(chromium()) as one:
        yield one


def test_what_was_answered_is_not_shown_again_and_the_audit_says_why(
    house: House, opened: Browser
) -> None:
    page, chart = opened.page, f"{house.chart}/{house.patient}"
    page.goto(house.chart)
    page.get_by_role("button", name="Physician").click()

    page.goto(chart)
    card = page.get_by_role("article").filter(has_text=ESTIMATE)
    card.get_by_role("button", name=SUGGESTION).click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("accepted; the service was told")).to_be_visible()

    page.goto(chart)
    expect(page.get_by_role("region", name="Other open orders, table")).to_contain_text(ORDERED)
    dismiss(page.get_by_role("article").filter(has_text=ESTIMATE))
    expect(page.get_by_text("the service was told").last).to_be_visible()

    page.goto(chart)
    expect(page.get_by_role("heading", name="Latest vital signs")).to_be_visible()
    expect(page.get_by_role("article").filter(has_text=ESTIMATE)).to_have_count(0)
    assert opened.errors == []
    assert house.feedback() == [
        ("deterioration", "accepted", ""),
        ("deterioration", "overridden", "action-completed"),
    ]
    assert house.decisions("deterioration") == [
        (True, "first-crossing"),
        (True, "repeat-window-over"),
        (False, "snoozed"),
    ]


def dismiss(card: Locator) -> None:
    """Set this card aside, with a reason."""
    card.get_by_text("Dismiss this card").click()
    card.get_by_label("Reason").select_option(label=REASON)
    card.get_by_role("button", name="Dismiss", exact=True).click()
