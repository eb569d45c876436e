"""The monthly report: whole in one file, readable for everybody, and about nobody."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from wherry.testing.browser import browser, chromium
from wherry_risk.lifecycle.roles import Deed, Role, Version
from wherry_risk.monitoring.alerting import Alerting, Day
from wherry_risk.monitoring.drift import Drift
from wherry_risk.monitoring.feed import Feed
from wherry_risk.monitoring.performance import performance
from wherry_risk.monitoring.seen import Known, Level
from wherry_risk.monitoring.watch import Findings
from wherry_risk.report.cli import span
from wherry_risk.report.page import Month, page

AT = datetime(2026, 10, 1, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"


def findings(*, events: int = 60) -> Findings:
    random = np.random.default_rng(1)
    p = random.random(600)
    outcome = np.arange(600) < events
    women = np.arange(600) >= 590
    groups = {"men": (~women).tolist(), "women": women.tolist()}
    known = Known(p.tolist(), outcome.tolist(), [f"p-{n}" for n in range(600)], groups)
    feed = Feed("creatinine", 600, 0.4, 0.1, 0.0, 60.0, 7200.0, 90.0, 90_000.0, 60.0, 30.0,
                {"unit": 60}, Level.ALARM)  # fmt: skip
    return Findings(
        tenant="default",
        model="icu-mortality-24h",
        version="0.2.0",
        role="champion",
        since=AT,
        until=AT + timedelta(days=31),
        alerting=Alerting(600, 20, 300, 400, 30, 7.5, 0.03,
                          (Day(date(2026, 10, 1), 10, 1), Day(date(2026, 10, 2), 10, 3))),
        feeds=(feed, replace(feed, input="sodium", missing=0.0, level=Level.OK)),
        drifts=(Drift("creatinine", 600, 0.31, 0.4, 0.1, "ks", 0.2, 0.0001, Level.ALARM),
                Drift("score", 600, 0.02, 0.0, 0.0, "ks", 0.02, 0.9, Level.OK)),
        performance=performance(known),
        level=Level.ALARM,
    )  # fmt: skip


def month(*told: Findings) -> str:
    version = Version("icu-mortality-24h", "0.2.0")
    deed = Deed(AT, "default", version.model, version, Role.SHADOW, Role.CHAMPION, "A. Name",
                SCRIPT, despite="too few events")  # fmt: skip
    return page(Month("default", "2026-10", AT, told, [deed]))


class Parsed(HTMLParser):
    """The names of elements, what they load, and the ids that links point to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.loads += [str(told[name]) for name in ("src", "srcset", "data") if name in told]
        self.ids |= {str(told["id"])} if "id" in told else set()
        if (link := told.get("href")) is not None:
            self.anchors.add(link.removeprefix("#"))


def test_it_loads_nothing_and_every_link_has_an_end() -> None:
    html = month(findings())
    parsed = Parsed(html)

    assert parsed.loads == []
    assert not {"script", "link", "iframe", "img"} & set(parsed.tags)
    assert "url(" not in html
    assert parsed.anchors <= parsed.ids
    assert parsed.tags.count("svg") == 4


def test_what_a_person_wrote_is_text() -> None:
    html = month(findings())

    assert SCRIPT not in html
    assert "&lt;script&gt;" in html
    assert "despite the rule: too few events" in html


def test_few_events_are_called_insufficient_and_not_plotted() -> None:
    few, many = month(findings(events=12)), month(findings())

    assert "Fewer than 20 events" in few
    assert few.count('class="square"') == 0
    assert many.count('class="square"') == 1
    assert "insufficient: fewer than 20" in many  # the group of ten women


def test_no_patient_is_in_it() -> None:
    assert not re.search(r"\bp-\d", month(findings()))


def test_a_model_without_scores_is_listed_and_has_no_section() -> None:
    none = replace(findings(), alerting=Alerting(0, 0, 0, 0, 0, None, None), performance=None,
                   level=Level.INSUFFICIENT, feeds=(), drifts=())  # fmt: skip

    html = month(none)

    assert "<section" not in html
    assert Parsed(html).anchors == set()
    assert "Too little to say" in html


@pytest.mark.parametrize(
    ("text", "days"), [("2026-10", 31), ("2026-02", 28), ("2026-12", 31), ("2028-02", 29)]
)
def test_a_month_is_from_its_first_moment_to_the_next_ones(text: str, days: int) -> None:
    since, until = span(text)

    assert (until - since).days == days


@pytest.mark.slow
@pytest.mark.skipif(not chromium(), reason="no Chromium on PATH")
def test_it_can_be_read_by_everybody_in_light_and_dark_and_on_a_phone(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(month(findings()), encoding="utf-8")

    with browser(chromium(), width=390) as opened:
        opened.page.goto(path.as_uri())
        told: dict[str, Any] = {}
        for scheme in ("light", "dark"):
            opened.page.emulate_media(color_scheme=scheme)
            told[scheme] = Axe().run(opened.page).response["violations"]
        wide = opened.page.evaluate("document.documentElement.scrollWidth")

    assert told == {"light": [], "dark": []}
    assert wide <= 390
    assert opened.errors == []
