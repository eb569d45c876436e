"""A clinician in a browser: sign in, chart, card, SMART app, and where a reading came from."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from wherry.suite.addresses import Addresses
from wherry.suite.demo.roster import WORST
from wherry.testing.browser import app, browser, chart, chromium
from wherry.testing.suite import demo, free_offset, suite

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
            assert opened.errors == []
    assert news2 == "17"
