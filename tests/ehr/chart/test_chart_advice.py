"""Opening a chart asks the CDS service, and shows what it says or that it says nothing."""

import re
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_ehr.chart.hooks import Offered

CARD = {
    "summary": "NEWS2 9: high risk",
    "indicator": "critical",
    "source": {"label": "Wherry early warning", "url": "https://example.org/news2"},
    "detail": "**Pulse** 131\n\n| Measurement | Points |\n|---|---|\n| Pulse | 3 |",
    "links": [
        {"label": "Open in the app", "url": "http://127.0.0.1:8105/launch", "type": "smart",
         "appContext": "card-1"},
        {"label": "Guideline", "url": "https://example.org/guide", "type": "absolute"},
    ],
}  # fmt: skip
AWAY = "No advice available:"


def test_cards_are_shown_with_the_most_urgent_first(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    harmless = {"summary": "All well", "indicator": "info", "source": {"label": "Other"}}
    sandbox.cds.answer = {"cards": [harmless, CARD]}

    page = sandbox.page("/chart/p-1")

    assert page.index("NEWS2 9: high risk") < page.index("All well")
    assert "<strong>Pulse</strong> 131" in page
    assert ["Pulse", "3"] in sandbox.parsed("/chart/p-1").rows
    assert 'href="https://example.org/guide"' in page
    assert AWAY not in page


def test_the_hook_carries_the_store_s_own_resources_of_this_patient(
    sandbox: Any, made: Any
) -> None:
    pulse = made.observation(
        "o-1", "vital-signs", "Pulse", valueQuantity={"value": Decimal("98.60"), "unit": "/min"}
    )
    other = made.observation("o-2", "vital-signs", "Pulse", subject={"reference": "Patient/p-2"})
    sandbox.put(made.patient(), made.patient("p-2"), pulse, other)

    sandbox.page("/chart/p-1")

    (asked,) = sandbox.cds.asked
    found = [entry["resource"] for entry in asked["prefetch"]["observations"]["entry"]]
    assert asked["hook"] == "patient-view"
    assert asked["context"] == {"userId": "Practitioner/sandbox-clinician-1", "patientId": "p-1"}
    assert asked["prefetch"]["patient"]["id"] == "p-1"
    assert [each["id"] for each in found] == ["o-1"]
    assert str(found[0]["valueQuantity"]["value"]) == "98.60"


def test_the_token_for_the_service_reads_this_patient_only_and_only_what_prefetch_names(
    sandbox: Any, made: Any
) -> None:
    """Source: CDS Hooks 2.0, Passing the Access Token; SMART R95, R136."""
    sandbox.put(made.patient(), made.patient("p-2"))
    sandbox.page("/chart/p-1")
    lent = sandbox.cds.asked[0]["fhirAuthorization"]

    def status(path: str) -> int:
        headers = {"Authorization": f"Bearer {lent['access_token']}"}
        return int(sandbox.client.get(f"/fhir/{path}", headers=headers).status_code)

    assert {name: lent[name] for name in lent if name != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/Observation.rs patient/Patient.rs",
        "subject": "wherry-cds",
        "patient": "p-1",
    }
    assert sandbox.cds.asked[0]["fhirServer"] == "http://localhost/fhir"
    assert [status(path) for path in ("Patient/p-1", "Patient/p-2", "Encounter")] == [200, 404, 403]


def test_the_encounter_is_in_the_context(sandbox: Any, made: Any) -> None:
    sandbox.put(
        made.patient(),
        {
            "resourceType": "Encounter",
            "id": "e-1",
            "status": "in-progress",
            "class": {"code": "IMP"},
            "subject": {"reference": "Patient/p-1"},
        },
    )

    sandbox.page("/chart/p-1")

    assert sandbox.cds.asked[0]["context"]["encounterId"] == "e-1"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Failure(Kind.UNAVAILABLE, "it cannot be reached"), "Early warning: it cannot be reached"),
        ({"cards": []}, "Early warning: it sent no card"),
        ({"cards": "nonsense"}, "Early warning: it sent no card"),
        ({}, "Early warning: it sent no card"),
    ],
)
def test_without_a_card_the_chart_says_why_and_never_that_there_is_no_risk(
    sandbox: Any, made: Any, answer: Any, said: str
) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = answer

    page = sandbox.page("/chart/p-1")

    assert f"{AWAY}</strong> {said}." in page
    assert "does not mean that there is no risk" in page


def test_a_service_that_offers_nothing_for_the_view_is_named(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.cds.services = [Offered("early-warning", "order-select", "x", {})]

    assert "offers any for this view" in sandbox.page("/chart/p-1")


def test_without_a_cds_service_the_chart_says_so(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.client.application.extensions["wherry"] = replace(sandbox.deps, hooks=None)

    assert "no decision support service is set up" in sandbox.page("/chart/p-1")


def test_a_service_that_is_slow_does_not_hold_the_chart_up(
    sandbox: Any, made: Any, answering: Any
) -> None:
    sandbox.put(made.patient())
    release = threading.Event()

    class Slow(answering):  # type: ignore[misc]  # a fixture's class
        services = (Offered("early-warning", "patient-view", "Early warning", {}),)

        def answered(self, service: str, body: Any, timeout_s: float) -> Any:
            release.wait(30)
            return {"cards": [CARD]}

    sandbox.client.application.extensions["wherry"] = replace(
        sandbox.deps, hooks=Slow(), cds_deadline_s=0.5
    )

    page = sandbox.page("/chart/p-1")
    release.set()

    assert "Early warning: it did not answer in time" in page


def saying(summary: str, indicator: str = "critical") -> Any:
    return {"cards": [{**CARD, "summary": summary, "indicator": indicator}]}


AWAY_NOW = Failure(Kind.UNAVAILABLE, "it cannot be reached")


@pytest.mark.parametrize(
    "case",
    [
        ((saying("both"), saying("NEWS2")), ["both"], []),
        ((saying("both", "warning"), saying("NEWS2", "warning")), ["both"], []),
        ((saying("both"), saying("NEWS2", "info")), ["both"], []),
        ((saying("both"), AWAY_NOW), ["both"], ["Early-warning: it cannot be reached"]),
        ((AWAY_NOW, saying("NEWS2")), ["NEWS2"], ["Deterioration: it cannot be reached"]),
        (({"cards": []}, saying("NEWS2")), ["NEWS2"], ["Deterioration: it sent no card"]),
        # what stands for it must not be less urgent
        ((saying("both", "info"), saying("NEWS2", "critical")), ["NEWS2", "both"], []),
        ((saying("both", "info"), saying("NEWS2", "warning")), ["NEWS2", "both"], []),
    ],
)
def test_news2_is_shown_once_and_never_left_out(
    sandbox: Any, made: Any, answering: Any, case: Any
) -> None:
    answers, shown, missing = case
    sandbox.put(made.patient())
    by_service = dict(zip(("deterioration", "early-warning"), answers, strict=True))
    asked: list[str] = []

    class Both(answering):  # type: ignore[misc]  # a fixture's class
        services = tuple(
            Offered(name, hook, name.capitalize(), {})
            for name, hook in (
                ("early-warning", "patient-view"),
                ("deterioration", "patient-view"),
                ("something-else", "order-sign"),
            )
        )

        def answered(self, service: str, body: Any, timeout_s: float) -> Any:
            asked.append(service)
            return by_service[service]

    hooks = Both()
    sandbox.client.application.extensions["wherry"] = replace(sandbox.deps, hooks=hooks)

    page = sandbox.page("/chart/p-1")

    assert sorted(asked) == ["deterioration", "early-warning"]
    assert re.findall(r"</span> (both|NEWS2)</h3>", page) == shown
    assert re.findall(r"No advice available:</strong> (.+?)\. This", page) == missing


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/p.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](/chart/_session/end)",
        '| a |\n|:-:|\n| <b onclick="x"> |',
    ],
)
def test_markdown_of_a_card_can_only_be_read(sandbox: Any, made: Any, text: str) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = {"cards": [{**CARD, "detail": text, "summary": text, "links": []}]}

    page = sandbox.parsed("/chart/p-1")

    tags = {tag for tag, _ in page.tags}
    hrefs = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not tags & {"script", "img", "b"}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"style"}
    assert {href.partition(":")[0] for href in hrefs if ":" in href} <= {"https"}
    assert not [href for href in hrefs if "_session" in href]


def test_an_app_that_nobody_registered_is_not_launched_from_a_card(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    foreign = {"label": "Foreign app", "url": "https://evil.example/launch", "type": "smart"}
    sandbox.cds.answer = {"cards": [{**CARD, "links": [foreign]}]}

    page = sandbox.page("/chart/p-1")

    assert "Foreign app" not in page
    assert "evil.example" not in page


def test_a_link_to_the_chart_itself_is_left_out(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    links = [
        {"label": "Open the chart", "url": f"http://localhost/chart/{id_}", "type": "absolute"}
        for id_ in ("p-1", "p-2")
    ]
    sandbox.cds.answer = {"cards": [{**CARD, "links": links}]}

    page = sandbox.page("/chart/p-1")

    assert "http://localhost/chart/p-2" in page
    assert "http://localhost/chart/p-1" not in page


def test_an_indicator_that_is_not_known_does_not_look_harmless(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = {"cards": [{**CARD, "indicator": "purple"}]}

    assert '<article class="advice warning"' in sandbox.page("/chart/p-1")
