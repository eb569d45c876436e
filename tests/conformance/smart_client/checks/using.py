"""Tokens in use: the header, renewal, and what is left when they end."""

from concurrent.futures import ThreadPoolExecutor

from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.ehr import having


@proves(93)
def fhir_is_asked_with_a_bearer_header(app: App) -> None:
    launch, address = app.session()
    app.ehr.asked.clear()
    app.data(launch, address)

    asked = [each for each in app.ehr.asked if "/fhir/" in each.path]
    expect(asked, "nothing is read")
    expect(
        all(each.headers.get("authorization", "").startswith("Bearer ") for each in asked),
        "a request has no Bearer header",
    )
    expect(not any("access_token" in {**each.query, **each.form} for each in asked), "token in URL")


DUE_S = 3000
"""A token that lasts an hour is due for renewal by then."""


def _renewals(app: App) -> list[dict[str, str]]:
    forms = [each.form for each in app.ehr.to("auth/token")]
    return [form for form in forms if form["grant_type"] == "refresh_token"]


@proves(105, 106, 108)
def a_token_is_renewed_with_the_refresh_token_and_no_more_scope(app: App) -> None:
    launch, address = app.session()
    app.later(DUE_S)
    equal(app.data(launch, address).status_code, 200, "the answer")

    (form,) = _renewals(app)
    expect(form["refresh_token"], "refresh_token is not sent")
    expect("scope" not in form, "scope is sent, though the same is meant")


@proves(106)
def a_new_refresh_token_takes_the_place_of_the_old_one(app: App) -> None:
    app.ehr.mischief.token = having(expires_in=600)
    app.ehr.mischief.renewed = having(expires_in=600)
    launch, address = app.session()
    for _ in range(3):
        app.later(550)
        equal(app.data(launch, address, "patient").status_code, 200, "the answer")
    used = [form["refresh_token"] for form in _renewals(app)]

    equal((len(used), len(set(used))), (3, 3), "refresh tokens that were used once")


@proves()
def an_ehr_that_keeps_its_refresh_token_is_asked_with_it_again(app: App) -> None:
    app.ehr.mischief.token = having(expires_in=600)
    launch, address = app.session()
    for _ in range(2):
        kept = _renewals(app)
        app.ehr.mischief.renewed = having(expires_in=600, refresh_token=None)
        app.later(550)
        answer = app.data(launch, address, "patient")
        equal(answer.status_code, 401 if kept else 200, "the answer")
    used = [form["refresh_token"] for form in _renewals(app)]

    equal((len(used), len(set(used))), (2, 1), "renewals with the one refresh token")


@proves()
def many_requests_at_once_renew_once(app: App) -> None:
    launch, address = app.session()
    app.later(DUE_S)

    def ask(_: int) -> int:
        return app.data(launch, address, "patient").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))

    equal(set(answers), {200}, "the answers")
    equal(len(_renewals(app)), 1, "renewals")


@proves()
def a_session_that_the_ehr_ended_shows_nothing_any_more(app: App) -> None:
    launch, address = app.session()
    app.ehr.tokens.clear()

    answer = app.data(launch, address)

    equal(answer.status_code, 401, "the answer")
    expect("Testperson" not in answer.text, "the patient is shown")


@proves()
def signing_out_ends_the_tokens_at_the_ehr(app: App) -> None:
    launch, address = app.session()

    said = app.do(launch, address, "sign-out", {}).json()

    equal(said, {"revoked": True}, "the answer")
    expect(len(_of(app)) == 2, "not both tokens are revoked")
    equal((app.ehr.tokens | app.ehr.refresh) & _of(app), set(), "tokens that still work")
    equal(app.data(launch, address).status_code, 401, "the answer afterwards")


def _of(app: App) -> set[str]:
    """The tokens that were revoked."""
    return {each.form["token"] for each in app.ehr.to("auth/revoke")}


@proves()
def parts_that_the_ehr_does_not_give_are_named_and_the_page_is_there(app: App) -> None:
    launch, address = app.session()
    app.ehr.mischief.fhir_status = 500

    answer = app.data(launch, address)

    equal(answer.status_code, 200, "the answer")
    parts = {each["part"] for each in answer.json()["problems"]}
    expect({"the patient", "measurements", "the score"} <= parts, "it does not say what is missing")
