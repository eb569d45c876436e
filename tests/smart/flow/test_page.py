"""The page goes to the browser that holds the session, with a policy that keeps it to itself."""

from pathlib import Path
from typing import Any

import pytest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self' https://ehr.example.org; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@pytest.mark.parametrize(
    "address", ["/launch", "/callback?state=x", "/app/x/", "/app/x/api/summary", "/healthz"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(host: Any, address: str) -> None:
    headers = host.browser().get(address).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_without_a_session_there_is_no_page(host: Any) -> None:
    path = host.open(host.browser())

    answer = host.browser().get(path)

    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "This session has ended." in answer.get_data(as_text=True)
    assert "made-up page" not in answer.get_data(as_text=True)


def test_a_session_ends_with_its_token(host: Any, ehr: Any, clock: Any) -> None:
    ehr.answer = {"expires_in": 300}
    browser = host.browser()
    path = host.open(browser)
    clock.pass_(seconds=299)
    assert browser.get(f"{path}api/summary").status_code == 200
    clock.pass_(seconds=1)

    assert browser.get(path).status_code == 401
    assert browser.get(f"{path}api/summary").status_code == 401


def test_when_redis_forgot_the_session_has_ended(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)
    host.redis.flushall()

    assert browser.get(path).status_code == 401


def test_when_redis_is_away_a_page_says_so(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)
    host.redis_server.connected = False

    answer = browser.get(path)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert browser.get("/readyz").status_code == 503


def test_the_page_is_found_with_its_slash_for_its_files_are_beside_it(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)

    answer = browser.get(path.rstrip("/"))

    assert (answer.status_code, answer.headers["Location"]) == (308, path)


def test_files_of_the_page_never_change_and_are_kept(host: Any) -> None:
    answer = host.browser().get("/app/any/assets/index-1a2b.js")

    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["none.js", "..%2findex.html", "%2e%2e%2findex.html", ".ready", "index.html", "a.py"]
)
def test_no_other_file_is_served(host: Any, name: str) -> None:
    assert host.browser().get(f"/app/any/assets/{name}").status_code == 404


def test_a_page_that_was_not_built_is_a_page_that_says_so(
    host: Any, with_deps: Any, tmp_path: Path
) -> None:
    unbuilt = with_deps(page=tmp_path / "nothing")
    browser = unbuilt.browser()
    path = unbuilt.open(browser)

    for address in (path, f"{path}assets/index-1a2b.js"):
        answer = browser.get(address)
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
        assert "The app&#39;s page has not been built here." in answer.get_data(as_text=True)


def test_the_public_key_is_open_and_holds_nothing_private(host: Any, client_key: Any) -> None:
    answer = host.browser().get("/.well-known/jwks.json")

    (key,) = answer.json["keys"]
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["crv"], key["alg"], key["use"]) == ("P-384", "ES384", "sig")
    assert key["kid"] == client_key.thumbprint()
