"""A day at home of three people, in the chart and in the app: value, source, age, what is odd."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Locator, Page, expect

from wherry.suite.addresses import Addresses
from wherry.suite.demo.home import WITH_DEXCOM, WITH_HUB, WITH_WITHINGS
from wherry.suite.demo.roster import Person
from wherry.testing.browser import Browser, browser, chart, chromium
from wherry.testing.suite import demo, free_offset, suite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

AGE = re.compile(r"\d+\s(h|days|d) ago")
# Whose, and what must stand in the row of each kind: value, source, remarks, course
SHOWN: Mapping[Person, Mapping[str, tuple[str, ...]]] = {
    WITH_WITHINGS: {
        "Blood pressure": ("126/78 mmHg", "Withings", "earlier: typed in by hand (1)", "4 values"),
        "Temperature": ("37.80 °C", "Withings", "time zone assumed", "37.52 to 37.80 °C"),
        "Body weight": ("61.400 kg", "Withings", "one value"),
    },
    WITH_DEXCOM: {"Glucose, sensor": ("mg/dL", "Dexcom", "280 values, <40 to 180 mg/dL")},
    WITH_HUB: {
        "Blood pressure": (
            "139/86 mmHg",
            "Bluetooth hub",
            "clock set right",
            "irregular pulse (1)",
        ),
        "Temperature": ("no value: not a number", "before: 37.1 °C", "earlier: doubtful value (1)"),
        "Glucose, meter": ("109 mg/dL", "Bluetooth hub", "time zone assumed"),
    },
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A suite in which the demo was played; the address of its chart."""
    data, offset = tmp_path_factory.mktemp("home") / "data", free_offset()
    with suite(data, offset):
        played = demo(data, offset)
        assert played.returncode == 0, played.stdout + played.stderr
        yield Addresses(offset).url("ehr")


@pytest.mark.parametrize("person", SHOWN, ids=lambda person: person.family)
def test_readings_at_home_stand_in_chart_and_app_with_source_and_age(
    base: str, person: Person
) -> None:
    with browser(chromium()) as opened:
        chart(opened, base, person.family)
        reads(at_home(opened.page), SHOWN[person])
        there = app(opened)
        reads(at_home(there), SHOWN[person])
        expect(there.get_by_role("heading", name="Vital signs")).to_be_visible()
        assert opened.errors == []


def reads(home: Locator, shown: Mapping[str, tuple[str, ...]]) -> None:
    """Every kind is one row with all that it must say, its age and its course among it."""
    for label, parts in shown.items():
        named = home.page.get_by_role("rowheader", name=label, exact=True)
        row = home.get_by_role("row").filter(has=named)
        expect(row).to_have_count(1)
        for part in parts:
            expect(row).to_contain_text(part)
        expect(row).to_contain_text(AGE)


def at_home(page: Page) -> Locator:
    """The table of a page."""
    return page.get_by_role("region", name="Readings at home, table")


def app(opened: Browser) -> Page:
    """The app in a window of its own, from the chart's list of apps."""
    apps = opened.page.get_by_role("region", name="Apps")
    with opened.context.expect_page() as appearing:
        apps.get_by_role("button", name="Open in Wherry app (new window)", exact=True).click()
    return appearing.value
