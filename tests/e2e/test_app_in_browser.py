"""The SMART app in a browser: from the card to the snooze, in frames and windows, and its ends."""

import pytest
from playwright.sync_api import expect
from tests.e2e.app_steps import ESTIMATE, Visitor, shows_reasons, snoozed

from wherry.testing.browser import chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]


def test_a_card_leads_to_the_app_in_the_frame_where_a_snooze_quiets_the_next_card(
    visitor: Visitor,
) -> None:
    patient = visitor.home.patients[0]
    visitor.chart(patient)
    card = visitor.page.get_by_role("article").filter(has_text=ESTIMATE)
    with visitor.context.expect_page() as appearing:
        card.get_by_role("button", name="Open in the Wherry app").click()
    shows_reasons(appearing.value)
    expect(appearing.value.get_by_role("heading", level=1)).to_contain_text("Alder-Suite")

    card.get_by_role("button", name="Show inside the chart").click()
    frame = visitor.page.frame_locator("iframe.app")
    shows_reasons(frame)
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Alder-Suite")
    snoozed(frame, "Already at the bedside")

    visitor.chart(patient)
    expect(visitor.page.get_by_role("heading", name="Latest vital signs")).to_be_visible()
    expect(visitor.page.get_by_role("article").filter(has_text=ESTIMATE)).to_have_count(0)
    assert visitor.errors == []
    assert visitor.home.decisions(patient) == [(True, "first-crossing"), (False, "snoozed")]
