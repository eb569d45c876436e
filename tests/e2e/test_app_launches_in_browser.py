"""Every way into the app and out of it, in a browser: frames of other sites, ends, repeats."""

import re

import pytest
from playwright.sync_api import Frame, Page, expect
from tests.e2e.app_house import FAR, LOST, PLAIN
from tests.e2e.app_steps import ENDED, REFUSED, Visitor, shows_reasons

from wherry.testing.browser import chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium(), reason="no Chromium on PATH"),
]

APP_PATH = re.compile(r"/app/[^/]+/$")


def test_the_app_opens_in_the_frame_of_another_site_with_partitioned_cookies(
    visitor: Visitor,
) -> None:
    frame = visitor.framed(visitor.home.patients[0], FAR)

    shows_reasons(frame)

    kept = visitor.context.cookies(f"{_app_of(visitor.page).url}api/session")
    (cookie,) = [one for one in kept if one["name"] == "__Secure-wherry_session"]
    assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
    assert str(cookie.get("partitionKey", "")).startswith("http://localhost")
    assert visitor.errors == []


def test_a_frame_that_keeps_no_cookie_offers_a_window_where_the_same_launch_works(
    visitor: Visitor,
) -> None:
    frame = visitor.framed(visitor.home.patients[0], PLAIN)
    expect(frame.get_by_role("heading", name="One more step")).to_be_visible()

    with visitor.context.expect_page() as appearing:
        frame.get_by_role("link", name="Open the app in a new window").click()

    shows_reasons(appearing.value)
    assert visitor.errors == []


def test_standalone_the_ehr_asks_for_the_patient_and_the_app_shows_that_one(
    visitor: Visitor,
) -> None:
    page, patient = visitor.page, visitor.home.patients[1]
    page.goto(f"{visitor.home.app}/standalone")
    page.get_by_role("link", name="open one patient").click()
    allowed(page, patient)

    shows_reasons(page)
    assert shown(page) == patient
    assert visitor.errors == []


def test_two_patients_side_by_side_stay_who_they_are(visitor: Visitor) -> None:
    one, other = visitor.home.patients

    first, second = visitor.app(one), visitor.app(other)
    for page in (first, second):
        page.get_by_role("button", name="Refresh").click()
        shows_reasons(page)

    assert [shown(first), shown(second)] == [one, other]
    assert first.url != second.url
    assert visitor.errors == []


def test_a_token_that_ran_out_is_renewed_unseen(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[0])
    visitor.home.asked.clear()

    visitor.home.clock.pass_(minutes=50)
    refreshed(page)

    shows_reasons(page)
    assert "/auth/token" in visitor.home.asked
    assert visitor.errors == []


def test_when_the_ehr_renews_no_more_the_session_ends_and_patient_data_leaves_the_page(
    visitor: Visitor,
) -> None:
    page = visitor.app(visitor.home.patients[0])
    revoked(visitor)
    visitor.home.clock.pass_(minutes=50)

    refreshed(page)

    has_ended(page)


def test_a_token_that_the_ehr_ended_ends_the_session_at_once(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[0])
    revoked(visitor)

    refreshed(page)

    has_ended(page)


def test_a_session_that_is_over_says_so_when_its_page_is_opened_again(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[0])
    visitor.home.clock.pass_(minutes=61)

    page.reload()

    expect(page.get_by_role("heading", name=REFUSED)).to_be_visible()
    expect(page.get_by_text(ENDED)).to_be_visible()
    expect(page.get_by_text("Alder-Suite")).to_have_count(0)


def test_an_issuer_that_nobody_listed_gets_a_page_and_is_not_asked(visitor: Visitor) -> None:
    page, home = visitor.page, visitor.home
    home.asked.clear()
    stranger = home.fhir.replace("/fhir", "/other")

    page.goto(f"{home.app}/launch?iss={stranger}&launch=made-up")

    expect(page.get_by_role("heading", name=REFUSED)).to_be_visible()
    assert home.asked == []


def test_an_answer_of_the_ehr_works_once(visitor: Visitor) -> None:
    answers: list[str] = []
    visitor.context.on(
        "request",
        lambda request: answers.append(request.url) if "/callback?" in request.url else None,
    )
    visitor.app(visitor.home.patients[0])
    visitor.home.asked.clear()

    visitor.page.goto(answers[0])

    expect(visitor.page.get_by_role("heading", name=REFUSED)).to_be_visible()
    assert "/auth/token" not in visitor.home.asked


def test_back_and_forth_shows_the_same_session_and_launches_nothing(visitor: Visitor) -> None:
    page = visitor.app(visitor.home.patients[1])
    address = page.url
    page.goto(visitor.home.chart)
    visitor.home.asked.clear()

    page.go_back()

    shows_reasons(page)
    assert (page.url, shown(page)) == (address, visitor.home.patients[1])
    assert not {"/auth/authorize", "/auth/token"} & set(visitor.home.asked)


def test_back_to_a_chart_with_the_app_in_it_opens_it_anew_with_the_chart_s_patient(
    visitor: Visitor,
) -> None:
    page, (one, other) = visitor.page, visitor.home.patients
    shows_reasons(visitor.framed(one, FAR))
    shows_reasons(visitor.framed(other, FAR))

    page.go_back()

    shows_reasons(page.frame_locator("iframe.app"))
    assert page.url.startswith(f"{visitor.home.chart}/{one}/")
    assert shown(_app_of(page)) == one


def test_without_redis_there_is_a_page_that_says_so(visitor: Visitor) -> None:
    frame = visitor.framed(visitor.home.patients[0], LOST)

    expect(frame.get_by_role("heading", name=REFUSED)).to_be_visible()
    expect(frame.get_by_text("Sessions cannot be kept right now")).to_be_visible()
    expect(frame.get_by_text("Alder-Suite")).to_have_count(0)


def test_when_redis_goes_the_page_says_how_old_it_is_and_a_new_one_shows_nobody(
    visitor: Visitor,
) -> None:
    page = visitor.app(visitor.home.patients[0])
    visitor.home.gone.append(True)

    refreshed(page)
    expect(page.get_by_text("Could not refresh: this is from")).to_be_visible()
    page.reload()

    expect(page.get_by_role("heading", name=REFUSED)).to_be_visible()
    expect(page.get_by_text("Alder-Suite")).to_have_count(0)
    visitor.home.gone.clear()
    page.reload()
    shows_reasons(page)


def allowed(page: Page, patient: str) -> None:
    """Choose this patient at the EHR, and agree."""
    page.locator(f"[name=patient][value='{patient}']").first.click()
    page.get_by_role("button", name="Allow").click()


def revoked(visitor: Visitor) -> None:
    """The clinician ends the app's access at the EHR."""
    page = visitor.page
    page.goto(f"{visitor.home.ehr}/auth/manage")
    end = page.get_by_role("button", name="End the access of")
    while end.count():
        end.first.click()
        page.wait_for_load_state()
    expect(page.get_by_text("No app has access that lasts.")).to_be_visible()


def refreshed(page: Page) -> None:
    """Ask again by the button, and wait for the answer."""
    with page.expect_response(lambda answer: answer.url.endswith("api/summary")):
        page.get_by_role("button", name="Refresh").click()


def has_ended(page: Page) -> None:
    """The page says so and shows nobody."""
    expect(page.get_by_role("heading", name=ENDED)).to_be_visible()
    expect(page.get_by_text("Alder-Suite")).to_have_count(0)
    expect(page.get_by_role("region")).to_have_count(0)


def shown(page: Page | Frame) -> str:
    """Whom the page's own session is about."""
    return str(page.evaluate("fetch('api/session').then(one => one.json())")["patient_id"])


def _app_of(page: Page) -> Frame:
    (frame,) = (one for one in page.frames if APP_PATH.search(one.url))
    return frame
