"""Refresh tokens: renewed once, bound, never for more."""

from concurrent.futures import ThreadPoolExecutor

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server, error_of

SCOPE = "launch patient/Patient.rs patient/Observation.rs"
OFFLINE, ONLINE = f"{SCOPE} offline_access", f"{SCOPE} online_access"


@proves(109, 110, 111, 112, 113, 114, 86, 87)
def a_refresh_gives_a_token_for_the_same(server: Server) -> None:
    for app in (server.public, server.symmetric, server.asymmetric):
        body = server.tokens(app, OFFLINE)
        answer = server.refresh(app, body["refresh_token"])
        fresh = server.good(answer)
        expect(fresh["access_token"] != body["access_token"], "the same token again")
        equal(fresh["token_type"].lower(), "bearer", "token_type")
        expect(isinstance(fresh["expires_in"], int) and fresh["expires_in"] > 0, "expires_in")
        equal(set(fresh["scope"].split()), set(body["scope"].split()), "scope")
        expect("no-store" in answer.headers.get("Cache-Control", ""), "Cache-Control")
        expect("no-cache" in answer.headers.get("Pragma", ""), "Pragma")
        equal(server.fhir(fresh["access_token"], "Patient").status_code, 200, "its use")


@proves(115)
def a_refresh_may_give_less_than_was_granted(server: Server) -> None:
    body = server.tokens(server.public, OFFLINE)
    fresh = server.good(
        server.refresh(server.public, body["refresh_token"], scope="patient/Patient.r")
    )
    equal(fresh["scope"], "patient/Patient.r", "scope")
    equal(server.fhir(fresh["access_token"], f"Patient/{data.ADA}").status_code, 200, "within it")
    equal(server.fhir(fresh["access_token"], "Observation").status_code, 403, "beyond it")


@proves(103, 104)
def a_refresh_never_asks_for_more(server: Server) -> None:
    scope = f"launch patient/Patient.r patient/Observation.rs?{data.LABS} offline_access"
    for more in (
        "patient/Patient.rs",
        "patient/Patient.cruds",
        "patient/*.r",
        "user/Patient.r",
        "patient/Observation.rs",
        f"patient/Observation.rs?{data.VITALS}",
        "patient/Patient.r openid",
    ):
        body = server.tokens(server.public, scope)
        refused = server.refresh(server.public, body["refresh_token"], scope=more)
        equal(error_of(refused), "invalid_scope", f"a refresh for {more.partition('?')[0]}")
        server.good(server.refresh(server.public, body["refresh_token"]))


@proves(103)
def a_refresh_token_is_bound_to_its_client(server: Server) -> None:
    body = server.tokens(server.public, OFFLINE)
    for other in (server.register(auth_method="none"), server.symmetric, server.asymmetric):
        refused = server.refresh(other, body["refresh_token"])
        equal(error_of(refused), "invalid_grant", "another client")
    server.good(server.refresh(server.public, body["refresh_token"]))


@proves(103)
def a_refresh_token_works_once_and_reuse_ends_the_family(server: Server) -> None:
    for app in (server.public, server.symmetric):
        body = server.tokens(app, OFFLINE)
        fresh = server.good(server.refresh(app, body["refresh_token"]))
        expect(fresh["refresh_token"] != body["refresh_token"], "it is not rotated")
        equal(error_of(server.refresh(app, body["refresh_token"])), "invalid_grant", "its reuse")
        again = server.refresh(app, fresh["refresh_token"])
        equal(error_of(again), "invalid_grant", "the newest one of the family")
        dead = server.fhir(fresh["access_token"], "Patient")
        equal(dead.status_code, 401, "the access token of the family")


@proves(103)
def of_two_at_once_one_wins_at_most(server: Server) -> None:
    body = server.tokens(server.public, OFFLINE)
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(server.refresh, server.public, body["refresh_token"]) for _ in "ab"]
        codes = sorted(one.result().status_code for one in tries)
    equal(codes, [200, 400], "two refreshes at once")


@proves(100, 366)
def online_access_ends_with_the_session(server: Server) -> None:
    browser = server.seam.sign_in()
    body = server.tokens(server.public, ONLINE, browser=browser)
    fresh = server.good(server.refresh(server.public, body["refresh_token"]))
    server.seam.sign_out(browser)
    refused = server.refresh(server.public, fresh["refresh_token"])
    equal(error_of(refused), "invalid_grant", "a refresh after the session")
    equal(server.fhir(fresh["access_token"], "Patient").status_code, 401, "its access token")


@proves(101, 365)
def offline_access_outlives_the_session(server: Server) -> None:
    browser = server.seam.sign_in()
    body = server.tokens(server.public, OFFLINE, browser=browser)
    server.seam.sign_out(browser)
    fresh = server.good(server.refresh(server.public, body["refresh_token"]))
    equal(server.fhir(fresh["access_token"], "Patient").status_code, 200, "its use")


@proves(366)
def online_access_is_for_launches_from_the_chart(server: Server) -> None:
    body = server.tokens_standalone(
        server.public, "launch/patient patient/Patient.rs online_access"
    )
    expect("online_access" not in body["scope"].split(), "granted without a session of the chart")
    expect("refresh_token" not in body, "a refresh token")
