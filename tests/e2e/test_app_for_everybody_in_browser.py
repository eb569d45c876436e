"""The app by keyboard, for screen readers, on small and large screens, and on paper."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import ElementHandle, Page, expect
from tests.e2e.app_steps import ACKNOWLEDGE, SNOOZE, Visitor, wide
from tests.e2e.axe import serious
from tests.e2e.pdf import glyphs

from wherry.testing.browser import chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

SIZES = ((360, 800), (1200, 900), (2560, 1440))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"


def test_no_page_of_the_app_keeps_anybody_out(visitor: Visitor) -> None:
    """Source: WCAG 2.2 AA, as far as axe-core and reflow tell."""
    found: dict[str, list[str]] = {}
    page = visitor.app(visitor.home.patients[0])
    judged(page, found, "patient")
    page.get_by_role("button", name=SNOOZE).first.click()
    judged(page, found, "dialog")
    page.keyboard.press("Escape")
    page.goto(f"{visitor.home.app}/launch?iss=http://localhost:1/fhir&launch=made-up")
    judged(page, found, "error")
    worklist(visitor, page)
    judged(page, found, "worklist")

    assert found == {"patient": [], "dialog": [], "error": [], "worklist": []}


def test_everything_can_be_done_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[1])

    button = page.get_by_role("button", name=ACKNOWLEDGE).first
    asked = page.get_by_role("dialog", name="Acknowledge this alert?")
    reached(page, button.element_handle())
    page.keyboard.press("Enter")
    expect(asked).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    reached(page, asked.get_by_role("button", name="Acknowledge").element_handle())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Acknowledged.", exact=True)).to_be_focused()
    expect(button).to_have_count(0)

    slider = page.get_by_role("slider", name="Step through the values of").first
    slider.focus()
    before = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") != before
    assert visitor.errors == []


def test_the_worklist_opens_a_patient_in_a_session_of_their_own(visitor: Visitor) -> None:
    page = visitor.page
    worklist(visitor, page)

    page.get_by_role("button", name="Alder-Suite").first.click()

    expect(page.get_by_role("heading", name="Vital signs")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alder-Suite")
    assert visitor.errors == []


def test_the_app_looks_like_the_chart_where_the_ehr_says_how_but_not_light_in_the_dark(
    visitor: Visitor,
) -> None:
    page = visitor.app(visitor.home.patients[0])

    expect(page.locator("body")).to_have_css("background-color", "rgb(251, 251, 250)")
    expect(page.locator("body")).to_have_css("color", "rgb(29, 35, 40)")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 24, 27)")
    assert visitor.errors == []


def test_on_paper_every_page_says_who_it_is_about(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[0])

    page.emulate_media(media="print")

    banner = page.locator(".banner")
    assert banner.evaluate("one => getComputedStyle(one).display") == "table-header-group"
    expect(banner).to_contain_text("Alder-Suite")
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    pages = glyphs(page.pdf(format="A4"))
    who = pages[0][: 4 * len("Alder-Suite, Alder-SuiteBorn1951-02-03")]
    assert len(pages) > 1
    assert who
    assert all(each.startswith(who) for each in pages)


def judged(page: Page, found: dict[str, list[str]], name: str) -> None:
    """Look at this page at each size, in the light and in the dark, and keep a picture."""
    said = found.setdefault(name, [])
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=name != "dialog")
        if wide(page):
            said.append(f"scrolls sideways at {width} px")
    page.set_viewport_size({"width": 1200, "height": 900})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        said.extend(serious(page))
    page.screenshot(path=PICTURES / f"{name}-dark.png")
    page.emulate_media(color_scheme="light")


def reached(page: Page, wanted: ElementHandle | None) -> None:
    """Press Tab until this has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement === one", wanted):
            return
    pytest.fail("Tab does not come to it")


def worklist(visitor: Visitor, page: Page) -> None:
    """The clinician's patients, by the standalone way."""
    page.goto(f"{visitor.home.app}/standalone")
    page.get_by_role("link", name="open the worklist").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Patients by risk")).to_be_visible()
    expect(page.get_by_text("2 patients, as of")).to_be_visible()
