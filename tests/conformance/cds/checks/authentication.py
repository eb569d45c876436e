"""A: whose token opens a service, and what proves nothing."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey
from tests.conformance.cds.check import NotApplicable, check, equal, expect
from tests.conformance.cds.checks.asking import asked, bad, good, status, url_of
from tests.conformance.cds.parties import (
    Party,
    ec,
    kid,
    parts,
    rsa,
    token,
)
from tests.conformance.cds.target import Target
from tests.conformance.smart.keys import encoded, sign, stranger, unsigned

Make = Callable[[Party, str], str]


@check("A1", 176, 200, 205)
def es384_is_taken(target: Target) -> None:
    good(target, token(target.first, url_of(target)), "ES384")


@check("A2", 176, 200, 205)
def rs384_is_taken(target: Target) -> None:
    good(target, token(target.first, url_of(target), key=rsa("first")), "RS384")


@check("A3", 176, 177)
def without_a_token_nothing_is_answered(target: Target) -> None:
    bad(target, "", "no token")
    for scheme in ("Basic dTpw", "Bearer", "bearer  ", "Token x"):
        answer = target.call(bearer="", headers={"Authorization": scheme})
        equal(answer.status_code, 401, f"Authorization: {scheme.partition(' ')[0]}")


@check("A4", 176)
def an_audience_may_be_one_of_several(target: Target) -> None:
    good(target, token(target.first, [url_of(target), "https://else.example"]), "aud as a list")


@check("A5", 176)
def a_token_for_another_endpoint_is_refused(target: Target) -> None:
    for other in (
        target.url("another-service"),
        "https://else.example/cds-services/x",
        url_of(target).replace("//", "//evil."),
        f"{url_of(target)}?x",
        "",
        7,
        [],
        [target.url("another-service")],
    ):
        bad(target, token(target.first, other), "another audience")


@check("A6", 176)
def the_host_that_a_caller_names_changes_no_audience(target: Target) -> None:
    host = "evil.example"
    spoofed = f"http://{host}/cds-services/{target.main['id']}"
    made = token(target.first, spoofed)
    answer = target.call(bearer=made, headers={"Host": host, "X-Forwarded-Host": host})
    expect(answer.status_code in {400, 401, 421}, f"a spoofed host: {answer.status_code}")


@check("A7", 176)
def discovery_takes_a_token_meant_for_it(target: Target) -> None:
    equal(target.discover().status_code, 200, "discovery with a token")


@check("A8", 176)
def feedback_takes_a_token_for_itself_or_its_service(target: Target) -> None:
    if not target.takes_feedback:
        raise NotApplicable("no feedback is taken")
    url = f"{url_of(target)}/feedback"
    for audience in (url, url_of(target)):
        answer = target.post(url, {}, bearer=token(target.first, audience))
        equal(answer.status_code, 400, "empty feedback with a good token")
    answer = target.post(url, {}, bearer=token(target.first, target.url("another-service")))
    equal(answer.status_code, 401, "feedback with a token for another service")


def _times() -> Mapping[str, Make]:
    now = int(time.time())
    return {
        "over": lambda p, u: token(p, u, iat=now - 900, exp=now - 600),
        "issued in the future": lambda p, u: token(p, u, iat=now + 600, exp=now + 700),
        "not good yet": lambda p, u: token(p, u, nbf=now + 600),
        "good for two hours": lambda p, u: token(p, u, exp=now + 7200),
        "without an end": lambda p, u: token(p, u, exp=None),
        "without a beginning": lambda p, u: token(p, u, iat=None),
        "that ends with a word": lambda p, u: token(p, u, exp="soon"),
        "that begins with a word": lambda p, u: token(p, u, iat="now"),
        "that ends before it begins": lambda p, u: token(p, u, iat=now + 30, exp=now - 30),
    }


@check("A9", 176)
def a_token_is_good_for_its_time_only(target: Target) -> None:
    for what, make in _times().items():
        bad(target, make(target.first, url_of(target)), f"a token {what}")


@check("A10", 176)
def clocks_may_differ_by_some_seconds(target: Target) -> None:
    now = int(time.time())
    good(target, token(target.first, url_of(target), iat=now + 20, nbf=now + 20), "20 s ahead")


@check("A11", 176)
def every_claim_and_header_is_needed(target: Target) -> None:
    for name in ("iss", "aud", "exp", "iat", "jti"):
        made = sign(*_without(target, name), ec("first"))
        bad(target, made, f"a token without {name}")
    for name in ("kid", "typ"):
        made = token(target.first, url_of(target), header={name: None})
        bad(target, made, f"a header without {name}")
    for wrong in ("", 7, ["x"], "x" * 10_000):
        bad(target, token(target.first, url_of(target), jti=wrong), "a jti that is no id")


def _without(target: Target, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, claims = parts(target.first, url_of(target))
    return head, {key: value for key, value in claims.items() if key != name}


@check("A12", 201)
def an_unsigned_token_is_refused(target: Target) -> None:
    head, claims = parts(target.first, url_of(target))
    for alg in ("none", "None", "NONE"):
        bad(target, unsigned(claims, **{**head, "alg": alg}), "an unsigned token")
    kept = {**claims, "jti": f"{claims['jti']}x"}
    good = sign(head, kept, ec("first"))
    bad(target, f"{good.rpartition('.')[0]}.", "a token whose signature was cut off")


@check("A13", 203)
def a_public_key_is_no_secret_to_sign_with(target: Target) -> None:
    own = RSAKey.import_key(rsa("first").as_dict(private=False))
    pem = own.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, claims = parts(target.first, url_of(target), key=rsa("first"))
    for alg in ("HS384", "HS256", "HS512"):
        bad(target, sign({**head, "alg": alg}, claims, pem), f"{alg} with a public key")


@check("A14", 200, 207)
def other_algorithms_are_refused(target: Target) -> None:
    for alg in ("RS256", "PS384"):
        made = token(target.first, url_of(target), key=rsa("first"), header={"alg": alg})
        bad(target, made, f"a token of {alg}")
    mixed = {"alg": "ES384", "kid": kid("first")}
    bad(target, _as(target, mixed), "an algorithm that does not fit the key")


def _as(target: Target, said: dict[str, str]) -> str:
    """Signed with the RSA key, and said to be something else."""
    good = token(target.first, url_of(target), key=rsa("first"))
    head, claims = parts(target.first, url_of(target), key=rsa("first"))
    body = ".".join(encoded(json.dumps(one).encode()) for one in ({**head, **said}, claims))
    return f"{body}.{good.rpartition('.')[2]}"


@check("A15", 176)
def only_the_clients_own_key_signs(target: Target) -> None:
    other = stranger(kid("first"))
    url = url_of(target)
    bad(target, token(target.first, url, key=other), "a token of a stranger")
    own = {"jwk": other.as_dict(private=False)}
    bad(target, token(target.first, url, key=other, header=own), "a token with its own key")
    good = token(target.first, url)
    head, body, signature = good.split(".")
    for spoiled in (f"{head}.{body}.{signature[:-6]}AAAAAA", f"{head}.{body}x.{signature}"):
        bad(target, spoiled, "a token that was changed")
    crit = {"crit": ["suite"], "suite": True}
    bad(target, token(target.first, url, header=crit), "a token with an unknown crit")
    bad(target, token(target.first, url, header={"typ": "at+jwt"}), "another type of token")


@check("A28", 195)
def a_tenant_that_is_not_listed_is_refused(target: Target) -> None:
    answer = asked(target, token(target.first, url_of(target), tenant="suite-nobody"))
    expect(answer.status_code in {401, 403}, f"a tenant not listed: {answer.status_code}")
    expect("cards" not in answer.json(), "a refusal with cards")


@check("A29", 177)
def every_refusal_looks_the_same(target: Target) -> None:
    url = url_of(target)
    made = ("", "made.up.text", token(target.first, "https://else.example"))
    others = (token(target.first, url, exp=1), token(target.first, url, key=stranger("x")))
    bodies = {_plain(asked(target, one)) for one in (*made, *others)}
    equal(len(bodies), 1, "kinds of refusal")


def _plain(answer: requests.Response) -> str:
    """A refusal without what is new on every answer."""
    body = answer.json()
    return json.dumps([answer.status_code, answer.headers.get("WWW-Authenticate"), body])


@check("A30", 177)
def tokens_are_not_in_the_log(target: Target) -> None:
    if target.seam.logs is None:
        raise NotApplicable("the log is not seen from outside")
    made = token(target.first, url_of(target))
    body = target.authorized(target.request())
    bare = {name: value for name, value in body.items() if name != "prefetch"}
    equal(target.call(bare, bearer=made).status_code, 200, "a good call")
    said = target.seam.logs()
    for secret in (made, made.split(".")[1], body["fhirAuthorization"]["access_token"]):
        expect(secret not in said, "a token stands in the log")
    for text in ("1951-02-03", "Alder-Suite"):
        expect(text not in said, "data of a patient stand in the log")


@check("A31", 199)
def without_jku_the_key_set_agreed_on_is_used(target: Target) -> None:
    made = token(target.first, url_of(target), header={"jku": None})
    good(target, made, "a token without jku")


@check("A32", 176)
def a_token_that_is_too_long_is_refused(target: Target) -> None:
    made = token(target.first, url_of(target), padding="x" * 20_000)
    expect(status(target, made) in {400, 401, 431}, "a token of 20,000 characters")


@check("A33", 176)
def what_is_no_token_breaks_nothing(target: Target) -> None:
    for wrong in ("a", "a.b", "..", "a.b.c.d", "e30.e30.e30", "%.%.%", "W10.W10.W10"):
        answer = target.call(bearer="", headers={"Authorization": f"Bearer {wrong}"})
        equal(answer.status_code, 401, "what is no token")
