"""Backend services: a signed request, scopes of the system level, short tokens."""

from tests.conformance.smart import data
from tests.conformance.smart.check import NotApplicable, equal, expect, proves
from tests.conformance.smart.server import App, Server, error_of

SCOPE = "system/Patient.rs"


@proves(249, 253, 254, 255, 256, 258, 261, 86, 87)
def a_service_gets_a_short_token(server: Server) -> None:
    answer = server.credentials(server.backend, SCOPE)
    body = server.good(answer)
    expect(body["access_token"], "access_token")
    equal(body["token_type"].lower(), "bearer", "token_type")
    expect(0 < body["expires_in"] <= 300, "it lasts longer than five minutes")
    equal(body["scope"], SCOPE, "scope")
    expect("refresh_token" not in body, "a refresh token")
    expect("no-store" in answer.headers.get("Cache-Control", ""), "Cache-Control")
    equal(server.fhir(body["access_token"], f"Patient/{data.ADA}").status_code, 200, "its use")


@proves(240, 250, 259)
def a_service_gets_no_more_than_it_was_registered_for(server: Server) -> None:
    app = server.service("system/Observation.rs")
    asked = "system/*.cruds system/Patient.rs user/*.rs patient/*.rs openid made-up"
    body = server.good(server.credentials(app, asked))
    equal(body["scope"], "system/Observation.rs", "scope")
    equal(server.fhir(body["access_token"], "Patient").status_code, 403, "beyond it")
    for scope in ("system/Patient.rs", "user/*.rs", "made-up"):
        equal(error_of(server.credentials(app, scope)), "invalid_scope", "nothing granted")


@proves(241)
def the_scope_of_the_request_restricts_the_token(server: Server) -> None:
    scope = f"system/Observation.rs?{data.LABS}"
    token = server.service_token(scope)
    expect(data.LAB in server.found(token, "Observation"), "what is covered")
    expect(data.VITAL not in server.found(token, "Observation"), "what is not")
    equal(server.fhir(token, f"Patient/{data.ADA}").status_code, 403, "another type")


@proves(251)
def a_request_without_scope_is_refused(server: Server) -> None:
    for scope in (None, "", " "):
        refused = server.credentials(server.backend, scope)
        expect(error_of(refused) in {"invalid_request", "invalid_scope"}, "no scope")


@proves(251)
def a_wrong_grant_type_is_refused_with_400(server: Server) -> None:
    form = {"grant_type": "not_a_grant_type", "scope": SCOPE}
    refused = server.token_request(server.backend, form)
    equal((refused.status_code, error_of(refused)), (400, "unsupported_grant_type"), "the error")


@proves(344, 251)
def apps_and_secrets_are_no_backend_services(server: Server) -> None:
    for app in (server.public, server.symmetric, server.asymmetric):
        error = error_of(server.credentials(app, SCOPE))
        expect(error in {"unauthorized_client", "invalid_client"}, f"the error is {error}")
    with_secret = server.registration(
        redirect_uris=[],
        launch_url="",
        scope=SCOPE,
        auth_method="client_secret_basic",
        secret_sha256=data.digest("s" * 43),
    )
    refused = server.seam.register(with_secret)
    if refused.status_code == 201:
        app = App(refused.json()["client_id"], secret="s" * 43)
        error = error_of(server.credentials(app, SCOPE))
        expect(error in {"unauthorized_client", "invalid_client"}, "a secret is enough")


@proves(240)
def system_scopes_are_for_services(server: Server) -> None:
    app = server.register(auth_method="none", scope="launch patient/*.rs system/*.rs")
    body = server.tokens(app, "launch patient/Patient.rs system/*.rs")
    expect("system/" not in body["scope"], "a system scope for an app")


@proves(231)
def exchanges_are_secured_by_tls(server: Server) -> None:
    if not server.base.startswith("https://"):
        raise NotApplicable("the server is reached over http on a loopback address")
    for name in ("token_endpoint", "authorization_endpoint", "jwks_uri"):
        expect(server.config[name].startswith("https://"), f"{name} is not secured")
