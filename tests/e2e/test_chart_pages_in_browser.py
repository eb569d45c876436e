"""Every page of the chart in a browser: keyboard, small screens, and an axe check of each."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from flask import Flask, request
from playwright.sync_api import Page, expect
from prometheus_client import CollectorRegistry
from tests.e2e.axe import serious
from tests.e2e.chart_record import CARD, EVIL, PROBLEM, RECORD
from werkzeug.serving import make_server

from wherry.adapters.clock import SystemClock, new_id
from wherry.codec import encode
from wherry.fhir.check import problems
from wherry.testing.browser import Browser, browser, chromium
from wherry_ehr.app import create_app
from wherry_ehr.auth.clients import own_client
from wherry_ehr.chart.cds_http import HttpHooks
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

WIDTHS = (320, 1024, 1600)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HOOKS = ("patient-view", "encounter-start", "encounter-discharge", "order-select", "order-sign")


@dataclass
class Cds:
    """A CDS service on loopback, and the feedback that it was sent."""

    url: str
    feedback: list[Any]


def _serve(app: Flask) -> tuple[str, Callable[[], None]]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return f"http://127.0.0.1:{server.server_port}", stop


@pytest.fixture(scope="module")
def cds() -> Iterator[Cds]:
    app, heard = Flask("cds"), list[Any]()

    @app.get("/cds-services")
    def discovery() -> Any:
        return {"services": [{"hook": h, "id": h, "title": h, "description": h} for h in HOOKS]}

    @app.post("/cds-services/<service>")
    def call(service: str) -> Any:
        return {
            "cards": [CARD],
            "systemActions": [{"type": "create", "description": "By itself", "resource": PROBLEM}],
        }

    @app.post("/cds-services/<service>/feedback")
    def feedback(service: str) -> Any:
        heard.append(request.get_json())
        return {}

    url, stop = _serve(app)
    yield Cds(url, heard)
    stop()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, cds: Cds) -> Iterator[str]:
    directory: Path = tmp_path_factory.mktemp("chart")
    database = f"sqlite:///{directory}/ehr.db"
    upgrade(database)
    registry, store = CollectorRegistry(), open_store(database)
    deps = Deps(
        store=store,
        clock=SystemClock(),
        new_id=new_id,
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        open_fhir=True,
        clients=(own_client("http://127.0.0.1:9"),),
        hooks=HttpHooks(),
        cds_servers=(
            CdsServer("test", "Test service", cds.url),
            CdsServer("away", "Service that is away", "http://127.0.0.1:9"),
        ),
    )
    app = create_app(deps)
    for each in RECORD:
        address = f"/fhir/{each['resourceType']}/{each['id']}"
        made = app.test_client().put(
            address, data=encode(each), content_type="application/fhir+json"
        )
        assert made.status_code == 201, made.get_data(as_text=True)
    url, stop = _serve(app)
    yield url
    stop()
    store.close()


@pytest.fixture
def opened() -> Iterator[Browser]:
    with browser(chromium(), width=1024) as one:
        yield one


def wide(page: Page) -> bool:
    """Whether the page itself has to be scrolled sideways (WCAG 2.2, 1.4.10 Reflow)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def judged(page: Page, found: dict[str, list[str]], name: str) -> None:
    """Look at this page at each width, in the light and in the dark."""
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if wide(page):
            found.setdefault(name, []).append(f"scrolls sideways at {width} px")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found.setdefault(name, []).extend(serious(page))
    page.emulate_media(color_scheme="light")


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/chart")
    page.get_by_role("button", name="Physician").click()


def test_no_page_of_the_chart_keeps_anybody_out(opened: Browser, base: str) -> None:
    """Source: WCAG 2.2 AA, as far as axe-core and reflow at 320 px tell."""
    page, found = opened.page, dict[str, list[str]]()
    page.goto(f"{base}/chart")
    judged(page, found, "sign in")
    sign_in(page, base)
    judged(page, found, "patients")
    page.get_by_label("Name").fill("nobody of this name")
    page.get_by_role("button", name="Search").click()
    judged(page, found, "nobody found")
    page.goto(f"{base}/chart/p-1")
    page.get_by_text("Dismiss this card").first.click()
    judged(page, found, "chart")
    page.get_by_role("button", name="Add the problem").click()
    judged(page, found, "confirm")
    page.goto(f"{base}/chart/p-1")
    page.get_by_role("button", name="encounter-discharge").click()
    judged(page, found, "advice")
    page.goto(f"{base}/chart/p-1/orders")
    page.get_by_label("Medication").select_option(label="Warfarin, 5 mg by mouth once a day")
    page.get_by_role("button", name="Draft").click()
    judged(page, found, "order-select")
    page.get_by_role("link", name="Back to the orders").click()
    judged(page, found, "orders")
    page.get_by_role("button", name="Check and sign").click()
    judged(page, found, "order-sign")
    page.goto(f"{base}/chart/_calls")
    judged(page, found, "calls")
    page.get_by_role("table").get_by_role("link").first.click()
    judged(page, found, "call")
    page.goto(f"{base}/chart/_registered")
    judged(page, found, "registered")
    page.get_by_label("Id", exact=True).fill("x")
    page.locator("#service-name").fill("X")
    page.locator("#service-url").fill("http://10.0.0.1")
    page.get_by_role("button", name="Register the service").click()
    judged(page, found, "registered, not taken")
    page.goto(f"{base}/chart/nobody")
    judged(page, found, "error")

    assert len(found) == 14
    assert {name: troubles for name, troubles in found.items() if troubles} == {}


def test_the_check_finds_what_keeps_people_out(opened: Browser) -> None:
    opened.page.set_content('<main><input><p style="width:3000px;color:#ccc">pale</p></main>')

    found = [one.partition(" at ")[0] for one in serious(opened.page)]

    assert {"label", "color-contrast"} <= set(found)
    assert wide(opened.page)


def test_a_suggestion_is_taken_with_the_keyboard_alone(
    opened: Browser, base: str, cds: Cds
) -> None:
    page = opened.page
    sign_in(page, base)
    page.goto(f"{base}/chart/p-1")
    expect(page.get_by_text("Service that is away: it cannot be reached")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Add the problem"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Confirm").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("accepted; the service was told")).to_be_visible()
    (item,) = cds.feedback[-1]["feedback"]
    assert item["acceptedSuggestions"] == [{"id": CARD["suggestions"][0]["uuid"]}]  # type: ignore[index]
    page.goto(f"{base}/chart/p-1")
    problems_table = page.get_by_role("region", name="Problems, table")
    expect(problems_table.get_by_text("Sepsis suspected")).to_be_visible()
    assert opened.errors == []


def test_the_chart_works_without_scripts_and_hostile_names_do_nothing(
    opened: Browser, base: str
) -> None:
    page = opened.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    sign_in(page, base)
    page.goto(f"{base}/chart/p-1")

    expect(page.get_by_role("heading", level=1)).to_contain_text(EVIL)
    assert page.locator("script, img").count() == 0
    assert asked == []
    assert opened.errors == []
