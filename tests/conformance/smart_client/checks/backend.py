"""Backend services: the operator's trial of an EHR asks for a token as one."""

from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.checks.keys import JWT_BEARER
from tests.conformance.smart_client.ehr import Asked

SCOPE = "system/Patient.rs system/Observation.r"


def _sent(app: App) -> Asked:
    expect(app.try_service("key", SCOPE), "the service gets no token")
    (asked,) = app.ehr.to("key/auth/token")
    return asked


@proves(226, 227)
def a_service_finds_the_token_endpoint_by_discovery(app: App) -> None:
    _sent(app)

    first = app.ehr.asked[0]
    equal(first.path, "/key/fhir/.well-known/smart-configuration", "the first request")
    expect("application/json" in first.headers["accept"], "JSON is not asked for")


@proves(143, 234, 235, 236)
def a_service_posts_its_grant_type_and_system_scopes(app: App) -> None:
    asked = _sent(app)

    content = asked.headers["content-type"].partition(";")[0]
    equal((asked.method, content), ("POST", "application/x-www-form-urlencoded"), "the request")
    equal(asked.form["grant_type"], "client_credentials", "grant_type")
    equal(asked.form["scope"], SCOPE, "scope")


@proves(225, 229, 233, 237, 238)
def a_service_proves_itself_by_a_new_assertion_each_time(app: App) -> None:
    forms = []
    for _ in range(2):
        app.ehr.asked.clear()
        forms.append(_sent(app).form)

    equal({form["client_assertion_type"] for form in forms}, {JWT_BEARER}, "the type")
    equal(len({form["client_assertion"] for form in forms}), 2, "different assertions")


@proves(229)
def an_app_with_a_secret_is_no_service(app: App) -> None:
    expect(not app.try_service("basic", SCOPE), "it is one")

    equal(app.ehr.to("auth/token"), [], "token requests")
