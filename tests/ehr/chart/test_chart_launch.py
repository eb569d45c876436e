"""Opening an app from a chart: where the browser is sent, with what, and what the policy allows."""

from typing import Any
from urllib.parse import parse_qs, urlsplit


def _sent(location: str) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)


def test_a_window_is_opened_at_the_registered_address_with_iss_and_a_handle(
    sandbox: Any, made: Any
) -> None:
    """R18, R352: iss is the FHIR base, and the handle is opaque."""
    sandbox.put(made.patient())

    answer = sandbox.client.post("/chart/p-1/launch", data={"client": "wherry-smart"})

    address, query = _sent(answer.location)
    assert (answer.status_code, address) == (303, "http://127.0.0.1:8105/launch")
    assert query["iss"] == ["http://localhost/fhir"]
    assert len(query["launch"][0]) >= 43
    assert "p-1" not in answer.location


def test_every_launch_has_a_handle_of_its_own(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    ask = {"client": "wherry-smart"}

    first, second = (sandbox.client.post("/chart/p-1/launch", data=ask).location for _ in range(2))

    assert first != second


def test_the_app_is_shown_inside_the_chart_and_only_its_origin_may_be(
    sandbox: Any, made: Any
) -> None:
    sandbox.put(made.patient())

    answer = sandbox.client.get("/chart/p-1/app?client=wherry-smart")

    page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert 'src="http://127.0.0.1:8105/launch?iss=' in page
    assert "Testperson, Ada B." in page
    assert "frame-src 'self' http://127.0.0.1:8105" in policy
    assert "form-action 'self' http://127.0.0.1:8105" in policy


def test_a_card_s_app_is_shown_inside_the_chart_and_its_word_stays_out_of_the_address(
    sandbox: Any, made: Any
) -> None:
    sandbox.put(made.patient())
    asked = {"client": "wherry-smart", "app_context": "card-1"}

    answer = sandbox.client.post("/chart/p-1/app", data=asked)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'src="http://127.0.0.1:8105/launch?iss=' in page
    assert "card-1" not in page
    tags = sandbox.parsed("/chart/_calls").tags
    (call,) = (
        at["href"] for tag, at in tags if tag == "a" and "/_calls/" in (at.get("href") or "")
    )
    assert "&#34;appContext&#34;: &#34;card-1&#34;" in sandbox.page(call)


def test_other_pages_frame_nothing(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    answer = sandbox.client.get("/chart/p-1")

    assert "frame-src" not in answer.headers["Content-Security-Policy"]


def test_an_app_or_a_patient_that_does_not_exist_is_not_launched(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    asked = [
        sandbox.client.post("/chart/p-1/launch", data={"client": "other"}),
        sandbox.client.post("/chart/nobody/launch", data={"client": "wherry-smart"}),
        sandbox.client.get("/chart/p-1/app?client=other"),
        sandbox.client.get("/chart/nobody/app?client=wherry-smart"),
    ]

    assert [answer.status_code for answer in asked] == [404] * 4


def test_without_a_session_nothing_is_launched(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    browser = sandbox.client.application.test_client()

    answer = browser.post("/chart/p-1/launch", data={"client": "wherry-smart"})

    assert answer.status_code == 401
    assert "Location" not in answer.headers


def test_a_smart_link_of_a_card_opens_the_app_with_the_card_s_context(
    sandbox: Any, made: Any
) -> None:
    sandbox.put(made.patient())
    link = {
        "label": "Open in the app",
        "url": "http://127.0.0.1:8105/launch",
        "type": "smart",
        "appContext": "card-1",
    }
    card = {"summary": "x", "indicator": "info", "source": {"label": "y"}, "links": [link]}
    sandbox.cds.answer = {"cards": [card]}

    page = sandbox.parsed("/chart/p-1")

    fields = [attrs for tag, attrs in page.tags if tag == "input"]
    assert {"type": "hidden", "name": "app_context", "value": "card-1"} in fields
