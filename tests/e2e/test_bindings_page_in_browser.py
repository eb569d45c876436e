"""The page of devices in a browser: no scripts, by keyboard, on a small screen, in the dark."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.devices.claims import frame
from tests.devices.harness import House, getmeas, group, measure
from tests.devices.listening import listening
from tests.e2e.axe import serious

from wherry.testing.browser import Browser, browser, chromium
from wherry_devices.app import create_app
from wherry_devices.freshness.seen import Waiting
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.reading import DeviceKey

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

PAGE = "/v1/bindings/page"
WIDTHS = (320, 768, 1280)
STRANGE = DeviceKey("tenovi", "device", "hwi-9").opaque
DAY = timedelta(days=1)


def _told(house: House) -> None:
    """Devices in each state, of two patients, and one of nobody."""
    house.zone = "Europe/Berlin"
    house.bind("cuff-1")
    house.bind("aa:bb", source="ble-hub")
    house.bind("4711", "p2", kind="account")
    house.bind("tx-1", "p2", source="dexcom")
    house.keep(getmeas(group(1, measure(9, 82), measure(10, 143), measure(11, 70))))
    house.keep(frame("2A37", "00 46", battery=9, rssi=-95), "ble-hub")
    house.work()
    house.clock.at += 2 * DAY
    house.inbox.time_s += 2 * DAY.total_seconds()
    at = int(house.clock.at.timestamp())
    fresh = group(9, measure(1, 70), date=at, modified=at, deviceid="scale-1")
    house.keep(getmeas(fresh, userid="4711"))
    house.work()
    house.bind("aa:cc", "p1", source="ble-hub", until=datetime(2026, 2, 1, tzinfo=UTC))
    house.fhir.send({"resourceType": "Bundle", "type": "transaction", "entry": [{
        "resource": {"resourceType": "Patient", "id": "p1", "name": [{"text": "Eva Demo"}]},
        "request": {"method": "PUT", "url": "Patient/p1"},
    }]})  # fmt: skip
    house.seen.held = [Waiting(STRANGE, "tenovi", 7, house.clock.at, (11, 12, 13, 14, 15))]
    account = DeviceKey("withings", "account", "4711").opaque
    house.standings.known[account] = Standing(False, False, house.clock.at)


@pytest.fixture
def house() -> House:
    made = House()
    _told(made)
    return made


@pytest.fixture
def base(house: House) -> Iterator[str]:
    with listening(create_app(house.deps())) as url:
        yield url


@pytest.fixture
def opened() -> Iterator[Browser]:
    with browser(chromium(), width=1280) as one:
        yield one


def judged(page: Page, name: str, pictures: Path) -> list[str]:
    """Troubles of this page at each width, in the light and in the dark."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{name} scrolls sideways at {width} px")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=pictures / f"{name}-{scheme}.png", full_page=True)
        found += [f"{name}, {scheme}: {one}" for one in serious(page)]
    page.emulate_media(color_scheme="light")
    return found


def test_no_state_of_the_page_keeps_anybody_out(opened: Browser, base: str, tmp_path: Path) -> None:
    """Source: WCAG 2.2 AA, as far as axe-core and reflow at 320 px tell."""
    page = opened.page
    page.goto(base + PAGE)
    found = judged(page, "all", tmp_path)
    page.goto(f"{base}{PAGE}?patient=p1")
    page.get_by_text("Binding of ble-hub").click()
    found += judged(page, "patient", tmp_path)
    page.goto(f"{base}{PAGE}?bind={STRANGE}")
    page.get_by_label("Patient (FHIR id)").last.fill("stranger")
    page.get_by_label("From (Europe/Berlin)").fill("2026-01-01T00:00")
    page.get_by_label("Who made sure that this is so").fill("nurse 7")
    page.get_by_role("button", name="Bind", exact=True).click()
    expect(page.get_by_text("Error: no such patient")).to_be_visible()
    found += judged(page, "wrong", tmp_path)
    page.goto(f"{base}{PAGE}?patient=nobody")
    found += judged(page, "failed", tmp_path)

    assert found == []


def test_what_waits_is_bound_and_ended_with_the_keyboard_alone(
    opened: Browser, base: str, house: House
) -> None:
    page = opened.page
    page.goto(base + PAGE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("link", name="Bind tenovi").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Number, account or key")).to_have_value(STRANGE)
    page.get_by_label("Number, account or key").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("p2")
    page.get_by_label("From (Europe/Berlin)").fill("2026-01-01T00:00")
    page.get_by_label("Who made sure that this is so").focus()
    page.keyboard.type("nurse 7")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("The device is bound.")
    [binding] = house.bindings.search(key=STRANGE)
    assert (binding.patient, binding.valid_from.isoformat()) == ("p2", "2025-12-31T23:00:00+00:00")

    page.get_by_text("Binding of tenovi").focus()
    page.keyboard.press("Enter")
    ending = page.get_by_role("listitem").filter(has_text="tenovi")
    ending.get_by_label("Ends (Europe/Berlin)").fill("2026-03-04T08:00")
    ending.get_by_label("Who made sure").focus()
    page.keyboard.type("nurse 8")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("The binding ends then.")
    expect(page.get_by_role("region", name="Earlier and later bindings")).to_be_visible()
    assert opened.errors == []


def test_a_device_of_somebody_else_is_told_at_the_field_and_the_page_has_no_script(
    opened: Browser, base: str, house: House
) -> None:
    page = opened.page
    page.goto(base + PAGE)
    page.get_by_label("Source", exact=True).select_option("withings")
    page.get_by_label("Number, account or key").fill("cuff-1")
    page.get_by_label("Patient (FHIR id)").last.fill("p2")
    page.get_by_label("From (Europe/Berlin)").fill("2026-01-01T00:00")
    page.get_by_label("Who made sure that this is so").fill("nurse 7")
    page.get_by_role("button", name="Bind", exact=True).click()

    field = page.get_by_label("From (Europe/Berlin)")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Error: It belongs to patient p1 from 1 Jan 2020")).to_be_visible()
    expect(page.get_by_label("Number, account or key")).to_have_value("cuff-1")
    assert page.locator("script, img, link").count() == 0
    assert [one.patient for one in house.bindings.search(key=DeviceKey(
        "withings", "device", "cuff-1").opaque)] == ["p1"]  # fmt: skip
    assert opened.errors == [f"409 {base}{PAGE}", opened.errors[-1]]


def test_a_form_that_another_page_sends_is_refused(
    opened: Browser, base: str, house: House
) -> None:
    page, before = opened.page, len(house.bindings.search())
    other = base.replace("127.0.0.1", "localhost")
    page.goto(f"{other}/healthz")
    page.set_content(
        f'<form method="post" action="{base}{PAGE}"><input name="source" value="withings"><button>'
        "Win</button></form>"
    )
    page.get_by_role("button", name="Win").click()

    expect(page.get_by_role("alert")).to_contain_text("this form was sent by another page")
    assert len(house.bindings.search()) == before
