"""The token request and its answer, for every way in which an app proves who it is."""

import base64
from urllib.parse import quote_plus

from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.ehr import CANARY, Asked, having

SECRET = "made-up secret/with+signs"


def _sent(app: App, kind: str) -> Asked:
    app.session(kind)
    (asked,) = app.ehr.to(f"{kind}/auth/token")
    return asked


@proves(62)
def the_code_is_traded_by_a_posted_form(app: App) -> None:
    asked = _sent(app, "key")

    equal(asked.method, "POST", "the method")
    content = asked.headers["content-type"].partition(";")[0]
    equal(content, "application/x-www-form-urlencoded", "the content type")
    equal(asked.query, {}, "parameters in the address")


@proves(67, 68, 69)
def the_form_holds_grant_type_code_and_redirect_uri(app: App) -> None:
    launch = app.launch()
    code = app.ehr.approve(launch.asked)
    app.opened(app.come_back(launch, code=code))

    (asked,) = app.ehr.to("auth/token")
    told = {name: asked.form[name] for name in ("grant_type", "code", "redirect_uri")}
    wanted = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": launch.asked["redirect_uri"],
    }
    equal(told, wanted, "the form")


@proves(63, 71)
def a_public_app_says_its_id_and_nothing_else(app: App) -> None:
    asked = _sent(app, "public")

    equal(asked.form["client_id"], "made-up-app", "client_id")
    expect("authorization" not in asked.headers, "it authenticates all the same")
    expect(not {"client_secret", "client_assertion"} & set(asked.form), "it sends a proof")


@proves(23, 64, 72, 345)
def an_app_with_a_secret_sends_it_by_basic_and_leaves_its_id_out(app: App) -> None:
    asked = _sent(app, "basic")

    pair = base64.b64encode(f"made-up-app:{SECRET}".encode()).decode()
    equal(asked.headers["authorization"], f"Basic {pair}", "the header")
    expect(not {"client_id", "client_secret"} & set(asked.form), "id or secret is in the form")


@proves()
def an_ehr_that_wants_basic_encoded_gets_it_so(app: App) -> None:
    asked = _sent(app, "encoded")

    pair = base64.b64encode(f"made-up-app:{quote_plus(SECRET)}".encode()).decode()
    equal(asked.headers["authorization"], f"Basic {pair}", "the header")


@proves(64, 72, 317)
def an_app_with_a_key_signs_and_leaves_its_id_out(app: App) -> None:
    asked = _sent(app, "key")

    expect("client_assertion" in asked.form, "it does not prove who it is")
    expect("client_id" not in asked.form, "client_id is in the form")
    expect("authorization" not in asked.headers, "it authenticates twice")


@proves()
def a_token_of_another_type_is_not_used(app: App) -> None:
    for kind in ("mac", "DPoP", "", None):
        app.ehr.mischief.token = having(token_type=kind)
        app.refused(app.come_back(app.launch()))


@proves()
def token_type_is_read_in_any_case(app: App) -> None:
    app.ehr.mischief.token = having(token_type="bEaReR")

    app.opened(app.come_back(app.launch()))


@proves()
def an_ehr_that_names_no_patient_opens_nothing(app: App) -> None:
    for patient in (None, "", "../Patient/other", 7, ["made-up"]):
        app.ehr.mischief.token = having(patient=patient)
        app.refused(app.come_back(app.launch()))


@proves()
def the_banner_is_left_out_only_when_the_ehr_clearly_says_so(app: App) -> None:
    said = {False: False, "false": False, True: True, "true": True, None: True, "perhaps": True}
    for given, wanted in said.items():
        app.ehr.mischief.token = having(need_patient_banner=given)
        launch, address = app.session()
        shown = app.data(launch, address, "session").json()["banner"]
        equal(shown, wanted, f"the banner after {given!r}")


@proves()
def what_was_granted_counts_and_not_what_was_asked_for(app: App) -> None:
    app.ehr.mischief.token = having(scope="launch patient/Patient.rs")
    launch, address = app.session()
    app.ehr.asked.clear()

    said = app.data(launch, address).json()["problems"]

    expect("measurements" in {each["part"] for each in said}, "it does not say what is missing")
    equal(app.ehr.to("Observation/_search"), [], "requests that were not granted")


@proves(219, 220)
def scopes_that_are_granted_as_addresses_are_understood(app: App) -> None:
    told = (
        "http://openid.net/specs/openid-connect-core-1_0#openid "
        "http://smarthealthit.org/fhir/scopes/patient/Patient.rs "
        "http://smarthealthit.org/fhir/scopes/patient/Observation.rs"
    )
    app.ehr.mischief.token = having(scope=told)
    launch, address = app.session()

    equal(len(app.data(launch, address).json()["series"]), 1, "series that are shown")


@proves(191)
def a_resource_without_a_role_is_one_that_the_app_was_opened_about(app: App) -> None:
    told = [{"reference": "Encounter/made-up-stay"}, "ImagingStudy/made-up", {"role": "x"}]
    app.ehr.mischief.token = having(fhirContext=told)
    launch, address = app.session()

    context = app.data(launch, address, "session").json()["context"]
    equal([each["role"] for each in context], ["launch", "launch"], "the roles")


@proves(7)
def no_token_comes_to_the_browser_or_into_a_log(app: App) -> None:
    launch, address = app.session()
    answers = [*launch.answers, launch.browser.get(address)]
    answers += [app.data(launch, address, panel) for panel in ("session", "summary", "audit")]
    app.ehr.mischief.token_status = 400
    answers.append(app.come_back(app.launch()))
    cookies = " ".join(str(cookie) for cookie in launch.browser.cookies)

    said = " ".join(f"{answer.headers} {answer.text}" for answer in answers)
    expect(CANARY not in said + cookies, "a token is in the browser")
    expect(CANARY not in " ".join(app.told), "a token is in a log")
