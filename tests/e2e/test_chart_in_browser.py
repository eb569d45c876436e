"""A clinician in a browser: sign in, chart, card, SMART app, and where a reading came from."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from wherry.adapters.sql import make_engine
from wherry.suite.addresses import Addresses
from wherry.suite.demo.roster import WORST
from wherry.suite.place import Place
from wherry.testing.browser import app, browser, chart, chromium
from wherry.testing.suite import demo, free_offset, suite
from wherry_cds.board.sql import SqlBoard
from wherry_cds.desk_json import of_row

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

ESTIMATE = re.compile(r"Estimated risk of death in hospital (\d+) % \((\w+)\); NEWS2 (\d+)")


def test_the_card_leads_to_an_app_with_the_same_scores_and_a_device_reading(tmp_path: Path) -> None:
    data, offset = tmp_path / "data", free_offset()
    base = Addresses(offset).url("ehr")
    with suite(data, offset):
        played = demo(data, offset)
        assert played.returncode == 0, played.stdout + played.stderr
        with browser(chromium()) as opened:
            page = opened.page
            chart(opened, base, WORST.family)
            expect(page.get_by_role("heading", level=1)).to_have_text("Alder-Demo, Ada")
            title = page.get_by_role("heading", name=ESTIMATE).inner_text()
            found = ESTIMATE.search(title)
            assert found is not None, title
            percent, tier, news2 = found.groups()
            card = page.get_by_role("article").filter(has_text=ESTIMATE)
            factors = card.get_by_role("table").first.get_by_role("row")
            expect(factors).to_have_count(4)  # the head and the three strongest
            expect(factors.nth(1)).to_contain_text(re.compile(r"Urea nitrogen\s+\d+ mg/dL"))
            expect(factors.nth(1)).to_contain_text("min ago")
            assert page.url.removeprefix(f"{base}/chart/") in played.stdout

            there = app(opened, title)

            expect(there.get_by_role("heading", level=1)).to_contain_text("Alder-Demo, Ada")
            model = there.get_by_role("region", name="ICU in-hospital mortality")
            expect(model.locator(".big")).to_have_text(f"{percent}%")
            expect(model.locator(".tier")).to_contain_text(tier.capitalize())
            early = there.get_by_role("region", name="National Early Warning Score 2")
            expect(early.locator(".big")).to_have_text(news2)
            weight = there.get_by_role("figure").filter(has_text="Body weight")
            weight.get_by_text("Values and sources").click()
            reading = weight.get_by_role("row").nth(1)
            expect(reading).to_contain_text("61.400")
            expect(reading).to_contain_text("Device readings, withings")
            there.close()
            take_and_dismiss(page, title)
            assert opened.errors == []
            last = decisions(data)[-1]
        assert news2 == "17"
        assert (last["shown"], last["rule"]) == (False, "snoozed")
        again = demo(data, offset)
        assert again.returncode == 0, again.stdout + again.stderr


def take_and_dismiss(page: Page, title: str) -> None:
    """Take a draft that the card offers, then set the card aside with a reason, and look again."""
    here = page.url
    card = page.get_by_role("article").filter(has_text=title).first
    card.get_by_role("button", name="Request a review at the bedside").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your answer")).to_have_count(1)
    page.goto(here)
    card = page.get_by_role("article").filter(has_text=title).first
    card.get_by_text("Dismiss this card").click()
    card.get_by_label("Reason").select_option(label="Already addressed")
    card.get_by_role("button", name="Dismiss", exact=True).click()
    page.goto(here)
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder-Demo, Ada")
    expect(page.get_by_role("heading", name=ESTIMATE)).to_have_count(0)


def decisions(data: Path) -> list[dict[str, Any]]:
    """The sandbox's decisions about the estimate, oldest first."""
    engine = make_engine(Place(data).sqlite("wherry"))
    rows = SqlBoard(engine).rows("sandbox", after=0, limit=1000)
    engine.dispose()
    return [of_row(row) for row in rows if row.about.service == "deterioration"]
