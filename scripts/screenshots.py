"""Pictures of the chart and the app, docs/images/*.png, from a suite in which the demo was played.

wherry up &  wherry demo  &&  python scripts/screenshots.py
"""

import sys
from pathlib import Path

import click
from playwright.sync_api import Page

from wherry.suite.addresses import Addresses
from wherry.suite.demo.home import WITH_HUB
from wherry.suite.demo.roster import WORST
from wherry.testing.browser import app, browser, chart, chromium

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH = 1200
CHART_HEIGHT, APP_HEIGHT = 1430, 1540
MOST_BYTES = 300_000
CARD = "Estimated risk of death in hospital"


@click.command()
@click.option("--port-offset", default=0, show_default=True, help="As given to `wherry up`.")
def main(port_offset: int) -> None:
    """Open the deteriorating patient's chart and the app, and who has a hub; keep what is seen."""
    path = chromium()
    if not path:
        sys.exit("No Chromium on PATH.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with browser(path, width=WIDTH) as opened:
        chart(opened, Addresses(port_offset).url("ehr"), WORST.family)
        keep(opened.page, "chart.png", CHART_HEIGHT)
        keep(app(opened, CARD), "app.png", APP_HEIGHT)
        opened.page.goto(f"{Addresses(port_offset).url('ehr')}/chart")
        opened.page.get_by_role("link", name=WITH_HUB.family).click()
        home = opened.page.get_by_role("region", name="Readings at home", exact=True)
        told("home.png", home.screenshot(path=IMAGES / "home.png"))
        if opened.errors:
            sys.exit("\n".join(opened.errors))


def keep(page: Page, name: str, height: int) -> None:
    """The top of this page as a picture."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    told(name, page.screenshot(path=IMAGES / name))


def told(name: str, image: bytes) -> None:
    """How large it is; one that is too large ends it."""
    size = len(image)
    click.echo(f"{name}: {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"{name} is larger than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
