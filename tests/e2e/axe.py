"""What axe finds on a page that keeps people from using it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

HARMLESS = frozenset({"minor", "moderate"})


def serious(place: Page | Frame) -> list[str]:
    """What axe finds that keeps people from using this page."""
    found = Axe().run(place).response["violations"]
    return [
        f"{one['id']} at {one['nodes'][0]['target']}: {one['nodes'][0].get('failureSummary', '')}"
        for one in found
        if one["impact"] not in HARMLESS
    ]
