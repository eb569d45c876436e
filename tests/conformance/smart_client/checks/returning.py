"""The callback: state, issuer, errors, and what a stranger could put into an address."""

from tests.conformance.smart_client.app import App, Browser
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.ehr import having


@proves(4, 60)
def a_state_that_was_never_sent_is_refused(app: App) -> None:
    for state in ("made-up", "", None):
        launch = app.launch()
        app.refused(app.come_back(launch, state=state))

    equal(app.ehr.to("auth/token"), [], "token requests")


@proves(4, 60)
def a_state_works_once(app: App) -> None:
    launch, _ = app.session()
    app.refused(app.come_back(launch))

    equal(len(app.ehr.to("auth/token")), 1, "token requests")


@proves(61)
def a_state_works_only_in_the_browser_that_began(app: App) -> None:
    launch = app.launch()
    launch.browser = Browser()

    app.refused(app.come_back(launch))

    equal(app.ehr.to("auth/token"), [], "token requests")


@proves(61)
def two_launches_side_by_side_stay_apart(app: App) -> None:
    browser = Browser()
    one, two = (app.launch(kind, browser=browser) for kind in ("key", "rsa"))
    second, first = app.opened(app.come_back(two)), app.opened(app.come_back(one))

    expect(first != second, "both launches have one session")
    equal(
        [app.data(one, address, "session").json()["ehr"] for address in (first, second)],
        ["key", "rsa"],
        "the EHRs of the sessions",
    )


@proves(61)
def another_browser_cannot_use_the_session(app: App) -> None:
    launch, address = app.session()
    launch.browser = Browser()

    equal(app.data(launch, address).status_code, 401, "the answer to a stranger")


@proves()
def an_answer_of_another_authorization_server_is_not_used(app: App) -> None:
    for iss in ("https://evil.example", app.ehr.base("rsa"), ""):
        app.refused(app.come_back(app.launch(), iss=iss))

    equal(app.ehr.to("auth/token"), [], "token requests")


@proves()
def an_issuer_that_the_ehr_promises_must_be_there(app: App) -> None:
    app.ehr.mischief.config = having(authorization_response_iss_parameter_supported=True)

    app.refused(app.come_back(app.launch()))
    app.opened(app.come_back(app.launch(), iss=app.ehr.base("key")))


@proves()
def a_mixed_up_code_goes_to_the_server_that_the_launch_began_with(app: App) -> None:
    launch = app.launch("rsa")
    app.come_back(launch, iss=app.ehr.base("key"))

    equal(app.ehr.to("key/auth/token"), [], "token requests to the other EHR")


@proves(6)
def nothing_in_the_callback_leads_the_browser_elsewhere(app: App) -> None:
    more = {"redirect": "https://evil.example/", "next": "//evil.example", "url": "javascript:x"}
    location = app.come_back(app.launch(), **more).headers["Location"]

    expect(location.startswith("/app/"), "the browser is sent away from the app")
    expect("evil" not in location, "what came from outside is in the address")


@proves(5)
def what_comes_from_outside_is_neither_run_nor_shown(app: App) -> None:
    bad = "<script>alert(1)</script>"
    answers = [
        app.come_back(app.launch(), code=None, error=bad, error_description=bad),
        app.come_back(app.launch(), state=bad),
        app.open(iss=bad),
    ]
    for answer in answers:
        app.refused(answer)
        expect("<script>alert" not in answer.text, "a script from outside is in the page")
        policy = answer.headers.get("Content-Security-Policy", "")
        expect(
            "unsafe" not in policy and "script-src 'self'" in policy, "no policy against scripts"
        )


@proves()
def an_error_of_the_ehr_is_a_page_and_no_session(app: App) -> None:
    app.refused(app.come_back(app.launch(), code=None, error="access_denied"))

    equal(app.ehr.to("auth/token"), [], "token requests")
