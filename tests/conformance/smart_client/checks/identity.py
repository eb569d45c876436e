"""The id_token: every claim and every signature that must not open the app."""

import time
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey
from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import equal, expect, proves
from tests.conformance.smart_client.ehr import having, lacking
from tests.conformance.smart_client.signing import FOREIGN, KEY, sign, unsigned

Trick = Callable[[dict[str, Any], dict[str, Any]], str]


def _bad_claims() -> list[dict[str, Any]]:
    now = int(time.time())
    return [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-app"},
        {"aud": ["made-up-app", "another-app"]},
        {"aud": None},
        {"azp": "another-app"},
        {"exp": now - 120},
        {"exp": None},
        {"exp": "later"},
        {"iat": now - 7200},
        {"iat": now + 7200},
        {"iat": None},
        {"nbf": now + 7200},
        {"nonce": "of-another-launch"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ]


@proves(201)
def a_claim_that_does_not_hold_opens_nothing(app: App) -> None:
    for bad in _bad_claims():
        app.ehr.mischief.claims = having(**bad)
        app.refused(app.come_back(app.launch()))


def _hs256(head: dict[str, Any], claims: dict[str, Any]) -> str:
    """Signed with the public key as a shared secret: an old trick."""
    shared = OctKey.import_key(KEY.as_pem(private=False))
    return jwt.encode({**head, "alg": "HS256"}, claims, shared, algorithms=["HS256"])


@proves(201, 218)
def a_signature_that_the_ehr_did_not_make_opens_nothing(app: App) -> None:
    jwk = FOREIGN.as_dict(private=False)
    tricks: dict[str, Trick] = {
        "none": lambda _head, claims: unsigned(claims),
        "shared secret": _hs256,
        "foreign key": lambda head, claims: sign(head, claims, FOREIGN),
        "key in the header": lambda head, claims: sign({**head, "jwk": jwk}, claims, FOREIGN),
        "unknown key": lambda head, claims: sign({**head, "kid": "ehr-2"}, claims, KEY),
        "no key named": lambda _head, claims: sign({"alg": "RS256"}, claims, KEY),
        "cut": lambda head, claims: sign(head, claims, KEY)[:-8],
        "no token": lambda _head, _claims: "made-up",
    }
    for name, trick in tricks.items():
        app.ehr.mischief.sign = trick
        answer = app.come_back(app.launch())
        expect(answer.status_code >= 400, f"it opens with: {name}")


@proves(201)
def an_app_that_asked_who_it_is_wants_to_be_told(app: App) -> None:
    app.ehr.mischief.token = having(id_token=None)

    app.refused(app.come_back(app.launch()))


@proves(218)
def the_key_is_found_by_way_of_the_issuers_configuration(app: App) -> None:
    app.ehr.mischief.config = lacking("issuer", "jwks_uri")
    app.opened(app.come_back(app.launch("old")))

    paths = [each.path for each in app.ehr.asked]
    expect("/old/fhir/.well-known/openid-configuration" in paths, "it is not asked for")
    expect("/old/auth/jwks" in paths, "the keys are not asked for")


@proves(202, 218)
def fhir_user_is_read_as_a_resource_of_this_server(app: App) -> None:
    launch, address = app.session()
    app.ehr.asked.clear()

    said = app.data(launch, address, "person").json()

    equal(said["person"], "Practitioner/made-up-user", "the reference")
    equal(said["name"], "Testclinician", "the name")
    equal(len(app.ehr.to("fhir/Practitioner/made-up-user")), 1, "reads of the user")


@proves(202)
def a_user_on_another_server_is_not_asked_for_with_our_token(app: App) -> None:
    app.ehr.mischief.claims = having(fhirUser=f"{app.ehr.origin}/evil/fhir/Practitioner/stolen")
    launch, address = app.session()

    app.data(launch, address, "person")

    equal(app.ehr.to("stolen"), [], "requests to another server")
