"""Who opened the app: OpenID Connect with fhirUser."""

from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server, is_absolute

SCOPE = "launch openid fhirUser patient/Patient.rs"
USERS = {"Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"}


def _claims(server: Server, token: str) -> Any:
    keys = KeySet.import_key_set(server.http.get(server.config["jwks_uri"]).json())
    return jwt.decode(token, keys, algorithms=["RS256"])


@proves(200, 205, 209, 210, 358)
def an_id_token_says_who_opened_the_app(server: Server) -> None:
    body = server.tokens(server.public, SCOPE, changes={"nonce": "suite-nonce"})
    token = _claims(server, body["id_token"])
    equal(token.header["alg"], "RS256", "alg")
    claims = token.claims
    equal(claims["iss"], server.config["issuer"], "iss")
    expect(server.public.client_id in [claims["aud"], *claims["aud"]], "aud")
    equal(claims.get("nonce"), "suite-nonce", "nonce")
    expect(0 < len(claims["sub"]) <= 255, "sub")
    expect(claims["exp"] > claims["iat"] > 1_700_000_000, "exp and iat")
    expect("fhirUser" in claims, "fhirUser")


@proves(200, 209)
def identity_is_told_only_when_it_was_granted(server: Server) -> None:
    without = server.tokens(server.public, "launch patient/Patient.rs")
    expect("id_token" not in without, "an id_token that nobody asked for")
    nameless = server.tokens(server.public, "launch openid patient/Patient.rs")
    claims = _claims(server, nameless["id_token"]).claims
    expect("fhirUser" not in claims and "nonce" not in claims, "more than was asked for")


@proves(197, 198)
def the_user_can_be_read_as_a_resource(server: Server) -> None:
    body = server.tokens(server.public, "launch openid fhirUser")
    url = _claims(server, body["id_token"]).claims["fhirUser"]
    expect(is_absolute(url) and url.startswith(server.base), "fhirUser is somewhere else")
    path = url.removeprefix(f"{server.base}/")
    answer = server.fhir(body["access_token"], path)
    equal(answer.status_code, 200, "fhirUser")
    found = answer.json()
    expect(found["resourceType"] in USERS and found["id"] == path.partition("/")[2], "its type")


@proves(207, 210)
def keys_are_bare_and_public(server: Server) -> None:
    keys = server.http.get(server.config["jwks_uri"]).json()["keys"]
    expect(any(one["kty"] == "RSA" for one in keys), "no RSA key")
    for one in keys:
        expect({"n", "e"} <= one.keys() or {"crv", "x", "y"} <= one.keys(), "not a bare key")
        expect(not {"d", "p", "q", "dp", "dq", "qi", "k"} & one.keys(), "a private key")
        if one["kty"] == "RSA":
            expect(RSAKey.import_key(one).public_key.key_size >= 2048, "a short key")


@proves(205, 210)
def openid_discovery_is_at_the_issuer(server: Server) -> None:
    issuer = server.config["issuer"].rstrip("/")
    answer = server.http.get(f"{issuer}/.well-known/openid-configuration")
    found = answer.json()
    equal(found["issuer"], server.config["issuer"], "issuer")
    expect("RS256" in found["id_token_signing_alg_values_supported"], "RS256")
    expect("none" not in found["id_token_signing_alg_values_supported"], "none")
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
    ):
        expect(found.get(name), f"{name} is missing")
