"""What a clinician does in a browser, step by step; every visitor has cookies of their own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FrameLocator,
    Page,
    expect,
    sync_playwright,
)
from tests.e2e.app_house import House

from wherry.testing.browser import ARGUMENTS

ENDED = "This session has ended"
REFUSED = "The app did not open"
ESTIMATE = re.compile(r"Estimated risk of death in hospital \d+ %")
SNOOZE = re.compile(r"Snooze ?: National Early Warning Score 2")
ACKNOWLEDGE = re.compile(r"Acknowledge ?: National Early Warning Score 2")
Place = Page | FrameLocator


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser profile and what its console said that it should not."""

    context: BrowserContext
    page: Page
    home: House
    errors: list[str] = field(default_factory=list)

    def sign_in(self) -> None:
        """As the sandbox's physician."""
        self.page.goto(self.home.chart)
        self.page.get_by_role("button", name="Physician").click()
        self.page.get_by_role("heading", name="Patients").first.wait_for()

    def chart(self, patient: str) -> None:
        """Open this patient's chart."""
        self.page.goto(f"{self.home.chart}/{patient}")

    def framed(self, patient: str, client: str) -> FrameLocator:
        """An app of the chart, inside the chart."""
        self.page.goto(f"{self.home.chart}/{patient}/app?client={client}")
        return self.page.frame_locator("iframe.app")

    def app(self, patient: str) -> Page:
        """The app in a window of its own, from the chart's list of apps."""
        self.chart(patient)
        apps = self.page.get_by_role("region", name="Apps")
        with self.context.expect_page() as appearing:
            apps.get_by_role("button", name="Open in Wherry app (new window)", exact=True).click()
        page = appearing.value
        shows_reasons(page)
        return page


@contextmanager
def browsing(path: str) -> Iterator[Browser]:
    """One browser for many visitors."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield launched
        finally:
            launched.close()


@contextmanager
def visiting(opened: Browser, home: House) -> Iterator[Visitor]:
    """Somebody new; the certificate that the tests made is taken as it is."""
    context = opened.new_context(
        viewport={"width": 1200, "height": 900},
        locale="en-GB",
        timezone_id="UTC",
        ignore_https_errors=True,
    )
    context.set_default_timeout(15_000)
    visitor = Visitor(context, context.new_page(), home)
    context.on(
        "console",
        lambda said: visitor.errors.append(said.text) if said.type == "error" else None,
    )
    context.on("weberror", lambda error: visitor.errors.append(str(error.error)))
    try:
        yield visitor
    finally:
        context.close()


def shows_reasons(place: Place) -> None:
    """The score and why it is so are on the page."""
    early = place.get_by_role("region", name="National Early Warning Score 2")
    expect(early.locator(".big")).to_have_text(re.compile(r"\d+"), timeout=15_000)
    expect(early.get_by_role("heading", name="Why")).to_be_visible()
    expect(early.locator(".bars li").first).to_be_visible()


def snoozed(place: Place, reason: str) -> None:
    """The first alert rests, after a question that is answered."""
    place.get_by_role("button", name=SNOOZE).first.click()
    asked = place.get_by_role("dialog", name="Let this alert rest?")
    asked.get_by_label("Reason").fill(reason)
    asked.get_by_role("button", name="Snooze").click()
    expect(asked).to_have_count(0)
    expect(place.get_by_text("The alert rests, and cards with it.")).to_be_visible()


def wide(page: Page) -> bool:
    """Whether the page itself has to be scrolled sideways (WCAG 2.2, 1.4.10 Reflow)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
