"""What a person fills in on the page of bindings, made up, and what stands on it."""

import re

from werkzeug.test import TestResponse

from wherry_devices.mapping.reading import DeviceKey

PAGE = "/v1/bindings/page"
FORM = {
    "source": "withings",
    "what": "device",
    "name": "cuff-1",
    "patient": "p1",
    "valid_from": "2026-01-01T00:00",
    "valid_to": "",
    "verified_by": "nurse 7",
    "expected_every": "P2D",
    "zone": "Europe/Berlin",
}
KEY = DeviceKey("withings", "device", "cuff-1").opaque
END = {
    "source": "withings",
    "key": KEY,
    "patient": "p1",
    "valid_from": "2026-01-01T00:00:00+00:00",
    "ends": "2026-02-01T12:00",
    "ended_by": "nurse 8",
}


def text(answer: TestResponse, status: int = 200) -> str:
    """What stands on a page, without its tags."""
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    body = re.sub(r"<style>.*?</style>", "", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
