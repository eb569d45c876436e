"""Discovery and the authorization request: what an EHR is asked, and how."""

import base64
import hashlib
import re
from urllib.parse import urlsplit

from tests.conformance.smart_client.app import HANDLE, App, Launch
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.ehr import having, lacking

_SCOPE = re.compile(
    r"(patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(?=[cruds])c?r?u?d?s?"
    r"(\?[A-Za-z_:.-]+=[^&\s]+(&[A-Za-z_:.-]+=[^&\s]+)*)?"
)
_CONTEXT = re.compile(r"launch(/[a-z]+(\?role=\S+)?)?|openid|fhirUser|(online|offline)_access")


@proves(29)
def discovery_asks_for_json_below_the_fhir_base(app: App) -> None:
    app.launch()

    asked = [each.path for each in app.ehr.asked]
    equal(asked[0], "/key/fhir/.well-known/smart-configuration", "the first request")
    equal(app.ehr.asked[0].method, "GET", "its method")
    expect("application/json" in app.ehr.asked[0].headers["accept"], "JSON is not asked for")


@proves(379)
def relative_addresses_are_relative_to_the_fhir_base(app: App) -> None:
    app.ehr.mischief.config = having(
        authorization_endpoint="../auth/authorize", token_endpoint="../auth/token"
    )
    launch = app.launch()

    equal(urlsplit(launch.endpoint).path, "/key/auth/authorize", "the authorization endpoint")
    app.opened(app.come_back(launch))


@proves()
def an_issuer_that_is_not_listed_is_not_asked_anything(app: App) -> None:
    app.refused(app.open(iss=f"{app.ehr.origin}/other/fhir"))

    equal(app.ehr.asked, [], "requests")


@proves(20, 21, 34)
def launch_and_redirect_addresses_are_fixed(app: App) -> None:
    found = {app.launch(handle=handle).asked["redirect_uri"] for handle in ("one", "two")}

    equal(found, {f"{app.url}/callback"}, "the redirect addresses")


@proves(32)
def response_type_is_code(app: App) -> None:
    equal(app.launch().asked["response_type"], "code", "response_type")


@proves(33)
def client_id_is_the_one_that_was_registered(app: App) -> None:
    equal(app.launch().asked["client_id"], "made-up-app", "client_id")


@proves(35, 161)
def the_launch_handle_is_passed_on_to_the_letter(app: App) -> None:
    equal(app.launch().asked["launch"], HANDLE, "launch")


@proves(36)
def a_standalone_launch_sends_no_handle(app: App) -> None:
    expect("launch" not in app.standalone().asked, "there is a launch parameter")


@proves(152, 166)
def a_standalone_launch_asks_for_a_patient(app: App) -> None:
    launch = app.standalone()

    expect("launch/patient" in launch.scopes, "launch/patient is not asked for")
    expect("launch" not in launch.scopes, "launch is asked for without an EHR")


@proves(150, 151)
def context_is_asked_for_by_launch_scopes(app: App) -> None:
    expect("launch" in app.launch().scopes, "launch is not asked for")


@proves(153, 155, 156)
def further_context_is_asked_for_where_an_installation_wants_it(app: App) -> None:
    wanted = {
        "launch/encounter",
        "launch/diagnosticreport",
        "launch/list?role=https://example.org/home",
    }

    expect(wanted <= set(app.launch("wide").scopes), "it is not asked for as configured")


@proves(37, 120, 121, 125, 135, 137)
def scopes_follow_the_grammar_and_name_what_is_needed(app: App) -> None:
    scopes = app.launch().scopes

    wrong = [each for each in scopes if not (_SCOPE.fullmatch(each) or _CONTEXT.fullmatch(each))]
    equal(wrong, [], "scopes outside the grammar")
    expect("patient/Observation.rs" in scopes, "reading and searching is not asked for as r and s")
    expect("patient/ServiceRequest.c" in scopes, "creating is not asked for as c")
    expect(not any("*" in each for each in scopes), "more is asked for than is needed")


@proves(122, 124, 132, 146)
def wider_and_finer_scopes_are_asked_for_where_an_installation_wants_them(app: App) -> None:
    scopes = app.launch("wide").scopes

    expect("patient/*.cruds" in scopes, "the wildcard with u and d is lost")
    expect("patient/Observation.rs?category=laboratory" in scopes, "the constraint is lost")
    wrong = [each for each in scopes if not (_SCOPE.fullmatch(each) or _CONTEXT.fullmatch(each))]
    equal(wrong, [], "scopes outside the grammar")


@proves(141)
def a_worklist_asks_for_what_the_person_may_see(app: App) -> None:
    scopes = app.standalone(way="worklist").scopes

    expect("user/Patient.rs" in scopes, "user/ scopes are not asked for")
    expect(not any(each.startswith("patient/") for each in scopes), "patient/ scopes are mixed in")


@proves()
def an_ehr_of_smart_1_is_asked_in_its_syntax(app: App) -> None:
    expect("patient/Observation.read" in app.launch("old").scopes, "no v1 scope is asked for")


@proves(47, 196)
def who_uses_the_app_is_asked_for(app: App) -> None:
    expect({"openid", "fhirUser"} <= set(app.launch().scopes), "openid fhirUser are not asked for")


@proves(215)
def a_refresh_token_is_asked_for_while_the_person_is_online(app: App) -> None:
    expect("online_access" in app.launch().scopes, "online_access is not asked for")


@proves(216)
def a_lasting_refresh_token_is_asked_for_where_an_installation_wants_it(app: App) -> None:
    expect("offline_access" in app.launch("wide").scopes, "offline_access is not asked for")


@proves(211)
def no_max_age_is_sent(app: App) -> None:
    expect(not {"max_age", "auth_time"} & set(app.launch().asked), "max_age or auth_time is sent")


@proves(41, 42)
def aud_is_the_issuer_as_it_was_sent(app: App) -> None:
    for iss in (app.ehr.base("key"), f"{app.ehr.base('key')}/"):
        equal(app.launch(iss=iss).asked["aud"], iss, "aud")


@proves(2, 3, 39, 40)
def state_is_new_each_time_and_hard_to_guess(app: App) -> None:
    states = [app.launch().asked["state"] for _ in range(20)]

    equal(len(set(states)), 20, "different states")
    # 64 letters, 6 bits each: the least that 122 bits fit into is 21
    expect(min(map(len, states)) >= 21, "a state is too short for 122 bits")
    seen = [{state[place] for state in states} for place in range(min(map(len, states)) - 1)]
    expect(all(len(letters) > 4 for letters in seen), "places of the state hardly change")


@proves(13, 44, 45)
def the_challenge_is_s256_and_new_each_time(app: App) -> None:
    launches = [app.launch() for _ in range(3)]

    equal({each.asked["code_challenge_method"] for each in launches}, {"S256"}, "the method")
    equal(len({each.asked["code_challenge"] for each in launches}), 3, "different challenges")


@proves(13)
def pkce_is_used_even_when_the_ehr_does_not_name_it(app: App) -> None:
    app.ehr.mischief.config = lacking("code_challenge_methods_supported")

    equal(app.launch().asked["code_challenge_method"], "S256", "the method")


@proves(13)
def an_ehr_that_does_only_plain_is_not_used(app: App) -> None:
    app.ehr.mischief.config = having(code_challenge_methods_supported=["plain"])

    app.refused(app.open())


@proves(13, 70)
def the_verifier_is_the_one_of_the_challenge(app: App) -> None:
    launch, _ = app.session()

    verifier = app.ehr.to("auth/token")[0].form["code_verifier"]
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    equal(hashed.rstrip(b"=").decode(), launch.asked["code_challenge"], "the challenge")
    expect(43 <= len(verifier) <= 128, "the verifier is too short or too long")


@proves(50, 51)
def the_request_is_a_get_with_a_query(app: App) -> None:
    equal(app.launch().method, "GET", "the method")


@proves(50, 52)
def the_request_is_a_form_where_the_ehr_prefers_it(app: App) -> None:
    launch: Launch = app.launch("post")

    equal(launch.method, "POST", "the method")
    equal(launch.asked["launch"], HANDLE, "launch")
    html = launch.answers[-1].text
    expect("enctype" not in html, "the form is not sent as application/x-www-form-urlencoded")
    app.opened(app.come_back(launch))


@proves(1)
def an_endpoint_without_encryption_is_not_used(app: App) -> None:
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        app.ehr.begin()
        app.ehr.mischief.config = having(**{name: "http://ehr.example.org/auth"})
        app.refused(app.open())


@proves(1)
def an_endpoint_on_a_host_that_is_not_the_ehrs_is_not_used(app: App) -> None:
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        app.ehr.begin()
        app.ehr.mischief.config = having(**{name: "https://evil.example/auth"})
        app.refused(app.open())


@proves(1)
def discovery_that_redirects_is_not_followed(app: App) -> None:
    app.ehr.mischief.discovery_redirect = f"{app.ehr.origin}/evil/fhir/stolen"

    app.refused(app.open())

    equal(app.ehr.to("stolen"), [], "requests to where it was led")
