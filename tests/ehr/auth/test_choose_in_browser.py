"""A native app's standalone launch in a real browser: its policies let the answer through."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from tests.ehr.auth.apps import asked, public_app
from tests.ehr.auth.driver import query
from werkzeug.serving import WSGIRequestHandler, make_server

from wherry.testing.browser import browser, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        return


@contextmanager
def _served(app: Any) -> Iterator[str]:
    """This application on a free port of this machine."""
    httpd = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _answered(_environ: Any, start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/html")])
    return [b"<!doctype html><title>App</title><h1>The app has its answer</h1>"]


@pytest.mark.parametrize("button", ["Allow", "Refuse"])
def test_somebody_signs_in_chooses_and_answers(smart: Any, button: str) -> None:
    """R27, R36, R53, R54, R353; RFC 8252, 7.3."""
    client = public_app(smart, native=True, redirect_uris=("http://127.0.0.1/back",))
    with _served(smart.client.application) as base, _served(_answered) as app:
        request = asked(
            client,
            "launch/patient launch/encounter patient/Patient.rs offline_access",
            redirect_uri=f"{app}/back",
            aud=f"{base}/fhir",
        )
        with browser(chromium()) as opened:
            page = opened.page
            page.goto(f"{base}/auth/authorize?{urlencode(request)}")
            page.get_by_role("button", name="Physician").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Choose a patient")
            page.get_by_label("Name or identifier").fill("testperson")
            page.get_by_role("button", name="Search").click()
            page.get_by_role("button", name="Testperson").first.click()
            page.get_by_role("radio").last.check()
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("heading", level=1)).to_have_text("The app has its answer")
            told = query(page.url)
            assert opened.errors == []

    assert told["state"] == "state-1"
    assert ("code" in told, told.get("error")) == (
        (True, None) if button == "Allow" else (False, "access_denied")
    )
