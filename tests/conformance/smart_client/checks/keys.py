"""Keys and client assertions: what is hosted, and what is signed."""

import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import equal, expect, proves

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def _assertion(app: App, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of an assertion whose signature holds under the hosted keys."""
    app.session(kind)
    asked = app.ehr.to(f"{kind}/auth/token")[-1]
    equal(asked.form["client_assertion_type"], JWT_BEARER, "client_assertion_type")
    keys = KeySet.import_key_set({"keys": app.hosted_keys()})
    found = jwt.decode(asked.form["client_assertion"], keys, algorithms=["ES384", "RS384"])
    return dict(found.header), dict(found.claims)


@proves(22, 290, 291, 293, 294, 298, 302)
def keys_are_hosted_for_everybody_as_a_key_set(app: App) -> None:
    app.session("key")

    expect(app.hosted_keys(), "the key set is empty")


@proves(295)
def nothing_private_is_hosted(app: App) -> None:
    secret = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}

    expect(not any(secret & set(key) for key in app.hosted_keys()), "a private part is hosted")


@proves(313, 314, 315)
def every_key_has_its_bare_members(app: App) -> None:
    app.session("rsa")
    app.session("key")
    needed = {"EC": {"crv", "x", "y"}, "RSA": {"n", "e"}}

    kinds = {str(key["kty"]) for key in app.hosted_keys()}
    equal(kinds, {"EC", "RSA"}, "the kinds of keys")
    for key in app.hosted_keys():
        expect({"kty", "kid", *needed[key["kty"]]} <= set(key), "a member is missing")
        (ECKey if key["kty"] == "EC" else RSAKey).import_key(key)


@proves(307, 309, 320, 321, 322, 323, 333, 334)
def an_assertion_is_signed_with_es384_by_a_hosted_key(app: App) -> None:
    head, _ = _assertion(app, "key")

    equal((head["alg"], head["typ"]), ("ES384", "JWT"), "the header")
    kids = [key["kid"] for key in app.hosted_keys()]
    equal(kids.count(head["kid"]), 1, "hosted keys of this kid")


@proves(308)
def an_assertion_is_signed_with_rs384_where_it_is_registered_so(app: App) -> None:
    head, _ = _assertion(app, "rsa")

    equal(head["alg"], "RS384", "the algorithm")


@proves(325)
def no_other_place_for_keys_is_named(app: App) -> None:
    head, _ = _assertion(app, "key")

    expect(not {"jku", "jwk", "x5u", "x5c"} & set(head), "the header names another place")


@proves(317, 327, 328, 329, 330, 331)
def an_assertion_is_by_and_about_the_app_for_this_endpoint_and_short(app: App) -> None:
    _, claims = _assertion(app, "key")

    equal((claims["iss"], claims["sub"]), ("made-up-app", "made-up-app"), "iss and sub")
    equal(claims["aud"], f"{app.ehr.origin}/key/auth/token", "aud")
    left_s = claims["exp"] - time.time()
    expect(isinstance(claims["exp"], int) and 0 < left_s <= 300, "exp is not within five minutes")


@proves(319, 332)
def every_assertion_has_an_id_of_its_own(app: App) -> None:
    ids = [_assertion(app, "key")[1]["jti"] for _ in range(5)]

    equal(len(set(ids)), 5, "different ids")
    expect(all(isinstance(each, str) and 16 <= len(each) <= 151 for each in ids), "an odd id")
