"""Discovery: where an app finds the rest, and what the server says it can do."""

from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server, is_absolute

SETS = {
    348: {"launch-standalone", "context-standalone-patient", "permission-patient"},
    349: {"launch-ehr", "context-ehr-patient", "permission-patient"},
    350: {"launch-standalone", "permission-user", "permission-patient"},
    351: {
        "launch-ehr",
        "context-ehr-patient",
        "context-ehr-encounter",
        "permission-user",
        "permission-patient",
    },
}


@proves(30, 228, 372, 373, 374, 377, 380)
def smart_configuration_is_json_whatever_is_accepted(server: Server) -> None:
    url = f"{server.base}/.well-known/smart-configuration"
    for accept in ("application/json", "text/html", "application/fhir+xml", "*/*"):
        answer = server.http.get(url, headers={"Accept": accept})
        equal(answer.status_code, 200, "status")
        kind = answer.headers["Content-Type"].partition(";")[0].strip()
        equal(kind, "application/json", f"type when {accept} is accepted")
        expect(isinstance(answer.json(), dict), "no JSON object")


@proves(378, 383, 385, 286)
def endpoints_are_absolute_addresses(server: Server) -> None:
    needed = {"authorization_endpoint", "token_endpoint"}
    expect(needed <= server.config.keys(), "authorization_endpoint or token_endpoint is missing")
    for name, value in server.config.items():
        if name.endswith(("_endpoint", "_uri", "_bundle")) or name == "issuer":
            expect(isinstance(value, str) and is_absolute(value), f"{name} is not absolute")


@proves(14, 15, 394)
def only_s256_is_offered(server: Server) -> None:
    equal(server.config["code_challenge_methods_supported"], ["S256"], "challenge methods")


@proves(384)
def grant_types_are_said(server: Server) -> None:
    found = set(server.config["grant_types_supported"])
    expect({"authorization_code", "client_credentials"} <= found, "a grant type is missing")


@proves(393)
def capabilities_are_texts(server: Server) -> None:
    found = server.config["capabilities"]
    expect(found and all(isinstance(one, str) for one in found), "capabilities are no texts")
    equal(len(set(found)), len(found), "capabilities said once")


@proves(*SETS)
def capability_sets_are_whole(server: Server) -> None:
    found = set(server.config["capabilities"])
    expect({"client-public", "client-confidential-symmetric"} & found, "no way for these clients")
    for needed in SETS.values():
        expect(needed <= found, f"{sorted(needed - found)} missing")


@proves(285, 287, 288, 289, 310)
def asymmetric_clients_are_told_what_they_need(server: Server) -> None:
    config = server.config
    expect("client-confidential-asymmetric" in config["capabilities"], "not said to be supported")
    methods = config["token_endpoint_auth_methods_supported"]
    expect("private_key_jwt" in methods, "private_key_jwt is missing")
    algorithms = set(config["token_endpoint_auth_signing_alg_values_supported"])
    expect({"RS384", "ES384"} & algorithms, "neither RS384 nor ES384")
    expect("none" not in algorithms, "unsigned assertions are offered")
    expect(config["scopes_supported"], "scopes_supported is missing")


@proves(381, 382)
def issuer_and_keys_are_said(server: Server) -> None:
    for name in ("issuer", "jwks_uri"):
        expect(is_absolute(server.config.get(name, "")), f"{name} is missing")


@proves(16)
def pages_of_any_origin_may_read_what_is_public(server: Server) -> None:
    for path in (".well-known/smart-configuration", "metadata"):
        for origin in ("https://one.example", "http://127.0.0.1:1"):
            answer = server.http.get(f"{server.base}/{path}", headers={"Origin": origin})
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            expect(allowed in {"*", origin}, f"{path} may not be read by a page")


@proves(17)
def pages_of_registered_origins_may_call(server: Server) -> None:
    app = server.register(auth_method="none", origins=["https://page.example"])
    tokens = server.tokens(app, "launch patient/Patient.rs")
    for origin, wanted in (
        ("https://page.example", True),
        ("http://127.0.0.1:9", True),
        ("https://nobody.example", False),
        ("null", False),
    ):
        sent = {"Origin": origin}
        read = server.fhir(tokens["access_token"], "Patient", headers=sent)
        asked = server.refresh(app, "made-up", headers=sent)
        ahead = server.http.options(
            f"{server.base}/Patient",
            headers={
                **sent,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        for answer in (read, asked, ahead):
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            equal(allowed == origin, wanted, f"{origin} may call")
            expect(wanted or allowed != "*", "every origin may call")
        if wanted:
            headers = ahead.headers.get("Access-Control-Allow-Headers", "").lower()
            expect("authorization" in headers, "a page may not send its token")


@proves(139)
def the_rule_for_linked_patients_is_documented(server: Server) -> None:
    text = server.http.get(f"{server.base}/metadata").text
    expect("Patient.link" in text, "nothing is said of linked patients")


@proves(247)
def what_needs_no_token_is_decided_and_all_else_needs_one(server: Server) -> None:
    equal(server.fhir("", "metadata").status_code, 200, "metadata without a token")
    for path in ("Patient", "Observation/1", "Patient/1/_history/1", "Patient?_summary=count"):
        answer = server.fhir("", path)
        equal(answer.status_code, 401, f"{path.partition('?')[0]} without a token")
        challenge = answer.headers.get("WWW-Authenticate", "")
        expect(challenge.startswith("Bearer"), "no challenge says what is needed")


@proves(372)
def older_apps_find_the_endpoints_in_the_capability_statement(server: Server) -> None:
    security = server.http.get(f"{server.base}/metadata").json()["rest"][0]["security"]
    found = {
        one["url"]: one["valueUri"]
        for each in security["extension"]
        if each["url"].endswith("oauth-uris")
        for one in each["extension"]
    }
    equal(found["token"], server.config["token_endpoint"], "token")
    equal(found["authorize"], server.config["authorization_endpoint"], "authorize")
    codes = [one["code"] for each in security["service"] for one in each["coding"]]
    expect("SMART-on-FHIR" in codes, "the service is not said to be SMART")
