"""The system's Chromium becomes a page that tells of every error in its console."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# a container has no user namespaces and no graphics; the rest would call strangers
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser with one profile, and what went wrong in it."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)


def chromium() -> str:
    """The path of a Chromium on this machine, or nothing."""
    return next(filter(None, map(shutil.which, NAMES)), "")


@contextmanager
def browser(path: str, *, width: int = 1200, height: int = 900) -> Iterator[Browser]:
    """A browser that is closed at the end. Source: Playwright, BrowserType.launch."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        context = launched.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC"
        )
        opened = Browser(context, context.new_page())
        context.on("console", lambda message: _noted(message, opened.errors))
        context.on("weberror", lambda error: opened.errors.append(str(error.error)))
        context.on("response", lambda response: _judged(response, opened.errors))
        try:
            yield opened
        finally:
            launched.close()


def chart(opened: Browser, base: str, name: str) -> None:
    """Sign in at the sandbox as its physician, and open the chart of who is called so."""
    opened.page.goto(f"{base}/chart")
    opened.page.get_by_role("button", name="Physician").click()
    opened.page.get_by_role("link", name=name).click()


def app(opened: Browser, card: str) -> Page:
    """Follow the SMART link of the card with these words, to the app in its own window."""
    found = opened.page.get_by_role("article").filter(has_text=card).first
    with opened.context.expect_page() as appearing:
        found.get_by_role("button", name="Open in the Wherry app").click()
    page = appearing.value
    page.get_by_role("heading", name="Vital signs").wait_for()
    return page


def _noted(message: ConsoleMessage, errors: list[str]) -> None:
    if message.type in ("error", "warning"):
        errors.append(message.text)


def _judged(response: Response, errors: list[str]) -> None:
    if response.status >= 400:
        errors.append(f"{response.status} {response.url}")
