"""A: whose token opens a service, and what proves nothing."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey
from tests.conformance.cds.check import NotApplicable, check, equal, expect
from tests.conformance.cds.parties import (
    Party,
    ec,
    for_encryption,
    kid,
    parts,
    party,
    rsa,
    short_rsa,
    token,
)
from tests.conformance.cds.stub import Reply
from tests.conformance.cds.target import Target
from tests.conformance.smart.keys import encoded, public, sign, stranger, unsigned

Make = Callable[[Party, str], str]


def _asked(target: Target, made: str) -> requests.Response:
    return target.call(bearer=made)


def _url(target: Target) -> str:
    return target.url(target.main["id"])


def _status(target: Target, made: str) -> int:
    return _asked(target, made).status_code


def _good(target: Target, made: str, what: str) -> None:
    equal(_status(target, made), 200, what)


def _bad(target: Target, made: str, what: str) -> None:
    """Fail unless it is refused, in the words in which every token is refused."""
    answer = _asked(target, made)
    equal(answer.status_code, 401, what)
    said = answer.headers.get("WWW-Authenticate", "")
    expect(said.startswith("Bearer"), f"{what}: no WWW-Authenticate: Bearer")
    expect("cards" not in answer.json(), f"{what}: a refusal with cards")


@check("A1", 176, 200, 205)
def es384_is_taken(target: Target) -> None:
    _good(target, token(target.first, _url(target)), "ES384")


@check("A2", 176, 200, 205)
def rs384_is_taken(target: Target) -> None:
    _good(target, token(target.first, _url(target), key=rsa("first")), "RS384")


@check("A3", 176, 177)
def without_a_token_nothing_is_answered(target: Target) -> None:
    _bad(target, "", "no token")
    for scheme in ("Basic dTpw", "Bearer", "bearer  ", "Token x"):
        answer = target.call(bearer="", headers={"Authorization": scheme})
        equal(answer.status_code, 401, f"Authorization: {scheme.partition(' ')[0]}")


@check("A4", 176)
def an_audience_may_be_one_of_several(target: Target) -> None:
    _good(target, token(target.first, [_url(target), "https://else.example"]), "aud as a list")


@check("A5", 176)
def a_token_for_another_endpoint_is_refused(target: Target) -> None:
    for other in (
        target.url("another-service"),
        "https://else.example/cds-services/x",
        _url(target).replace("//", "//evil."),
        f"{_url(target)}?x",
        "",
        7,
        [],
        [target.url("another-service")],
    ):
        _bad(target, token(target.first, other), "another audience")


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
    url = f"{_url(target)}/feedback"
    for audience in (url, _url(target)):
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
        _bad(target, make(target.first, _url(target)), f"a token {what}")


@check("A10", 176)
def clocks_may_differ_by_some_seconds(target: Target) -> None:
    now = int(time.time())
    _good(target, token(target.first, _url(target), iat=now + 20, nbf=now + 20), "20 s ahead")


@check("A11", 176)
def every_claim_and_header_is_needed(target: Target) -> None:
    for name in ("iss", "aud", "exp", "iat", "jti"):
        made = sign(*_without(target, name), ec("first"))
        _bad(target, made, f"a token without {name}")
    for name in ("kid", "typ"):
        made = token(target.first, _url(target), header={name: None})
        _bad(target, made, f"a header without {name}")
    for wrong in ("", 7, ["x"], "x" * 10_000):
        _bad(target, token(target.first, _url(target), jti=wrong), "a jti that is no id")


def _without(target: Target, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, claims = parts(target.first, _url(target))
    return head, {key: value for key, value in claims.items() if key != name}


@check("A12", 201)
def an_unsigned_token_is_refused(target: Target) -> None:
    head, claims = parts(target.first, _url(target))
    for alg in ("none", "None", "NONE"):
        _bad(target, unsigned(claims, **{**head, "alg": alg}), "an unsigned token")
    kept = {**claims, "jti": f"{claims['jti']}x"}
    good = sign(head, kept, ec("first"))
    _bad(target, f"{good.rpartition('.')[0]}.", "a token whose signature was cut off")


@check("A13", 203)
def a_public_key_is_no_secret_to_sign_with(target: Target) -> None:
    own = RSAKey.import_key(rsa("first").as_dict(private=False))
    pem = own.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, claims = parts(target.first, _url(target), key=rsa("first"))
    for alg in ("HS384", "HS256", "HS512"):
        _bad(target, sign({**head, "alg": alg}, claims, pem), f"{alg} with a public key")


@check("A14", 200, 207)
def other_algorithms_are_refused(target: Target) -> None:
    for alg in ("RS256", "PS384"):
        made = token(target.first, _url(target), key=rsa("first"), header={"alg": alg})
        _bad(target, made, f"a token of {alg}")
    mixed = {"alg": "ES384", "kid": kid("first")}
    _bad(target, _as(target, mixed), "an algorithm that does not fit the key")


def _as(target: Target, said: dict[str, str]) -> str:
    """Signed with the RSA key, and said to be something else."""
    good = token(target.first, _url(target), key=rsa("first"))
    head, claims = parts(target.first, _url(target), key=rsa("first"))
    body = ".".join(encoded(json.dumps(one).encode()) for one in ({**head, **said}, claims))
    return f"{body}.{good.rpartition('.')[2]}"


@check("A15", 176)
def only_the_clients_own_key_signs(target: Target) -> None:
    other = stranger(kid("first"))
    url = _url(target)
    _bad(target, token(target.first, url, key=other), "a token of a stranger")
    own = {"jwk": other.as_dict(private=False)}
    _bad(target, token(target.first, url, key=other, header=own), "a token with its own key")
    good = token(target.first, url)
    head, body, signature = good.split(".")
    for spoiled in (f"{head}.{body}.{signature[:-6]}AAAAAA", f"{head}.{body}x.{signature}"):
        _bad(target, spoiled, "a token that was changed")
    crit = {"crit": ["suite"], "suite": True}
    _bad(target, token(target.first, url, header=crit), "a token with an unknown crit")
    _bad(target, token(target.first, url, header={"typ": "at+jwt"}), "another type of token")


@check("A16", 195)
def an_unknown_key_is_looked_up_once(target: Target) -> None:
    sender = party("rotating", target.stub)
    url = _url(target)
    _good(target, token(sender, url), "a client whose keys will change")
    before = len(target.stub.seen("/jwks/rotating.json"))
    for _ in range(4):
        _bad(target, token(sender, url, key=stranger("nobody")), "a key that nobody has")
    fetched = len(target.stub.seen("/jwks/rotating.json")) - before
    expect(fetched <= 1, f"an unknown key makes {fetched} fetches of the key set")


@check("A17", 195)
def keys_are_not_fetched_for_every_call(target: Target) -> None:
    _good(target, token(target.first, _url(target)), "a good token")
    before = len(target.stub.seen("/jwks/first.json"))
    for _ in range(5):
        _good(target, token(target.first, _url(target)), "a good token")
    equal(len(target.stub.seen("/jwks/first.json")) - before, 0, "fetches for five calls")


@check("A18", 195)
def a_key_set_that_nobody_listed_is_not_fetched(target: Target) -> None:
    evil = {"jku": target.stub.jku("evil")}
    made = token(target.first, _url(target), key=ec("evil"), header=evil)
    _bad(target, made, "a foreign key set")
    for spelling in ("/jwks/../jwks/evil.json", "/jwks/first.json?evil", "/jwks/first.json#evil"):
        jku = {"jku": f"{target.stub.origin}{spelling}"}
        _bad(target, token(target.first, _url(target), header=jku), "another spelling")
    equal(len(target.stub.seen("evil")), 0, "fetches of what nobody listed")


@check("A19", 195)
def an_issuer_that_nobody_listed_is_refused(target: Target) -> None:
    nobody = Party("evil", "https://evil.suite.example", target.stub.jku("evil"))
    _bad(target, token(nobody, _url(target)), "an unknown issuer")
    equal(len(target.stub.seen("evil")), 0, "fetches for an unknown issuer")


@check("A20", 195)
def a_redirected_key_set_is_not_followed(target: Target) -> None:
    moved = party("moved", target.stub)
    target.stub.key_sets["hidden"] = public(ec("moved"))
    to = {"Location": target.stub.jku("hidden")}
    target.stub.instead["/jwks/moved.json"] = Reply(302, {}, headers=to)
    answer = _asked(target, token(moved, _url(target)))
    expect(answer.status_code in {401, 503}, f"a redirected key set: {answer.status_code}")
    equal(len(target.stub.seen("/jwks/hidden.json")), 0, "fetches of where it leads")


@check("A21", 195)
def one_clients_keys_do_not_speak_for_another(target: Target) -> None:
    url = _url(target)
    _good(target, token(target.second, url), "the second client")
    theirs = {"jku": target.second.jku}
    made = token(target.first, url, key=ec("second"), header=theirs, tenant="suite-one")
    _bad(target, made, "the first client with the second's key set")
    made = token(target.first, url, key=ec("second"))
    _bad(target, made, "the first client with the second's key")


@check("A22", 200, 207)
def a_short_rsa_key_is_refused(target: Target) -> None:
    weak = party("weak", target.stub)
    _bad(target, token(weak, _url(target), key=short_rsa()), "a key of 1024 bits")


@check("A23", 207)
def a_key_for_encryption_is_refused(target: Target) -> None:
    weak = party("weak", target.stub)
    _bad(target, token(weak, _url(target), key=for_encryption()), "a key for encryption")


@check("A24", 176)
def a_token_works_once(target: Target) -> None:
    made = token(target.first, _url(target))
    _good(target, made, "a good token")
    _bad(target, made, "the same token again")
    claims = parts(target.first, _url(target))[1]
    again = token(target.first, _url(target), jti=claims["jti"])
    _good(target, again, "a new id")
    _bad(target, token(target.first, _url(target), jti=claims["jti"]), "the same id again")


@check("A25", 176)
def an_id_is_its_issuers_own(target: Target) -> None:
    jti = parts(target.first, "")[1]["jti"]
    _good(target, token(target.first, _url(target), jti=jti), "the first client's id")
    _good(target, token(target.second, _url(target), jti=jti), "the same id of another client")


@check("A26", 176)
def a_bad_token_uses_up_no_id(target: Target) -> None:
    jti = parts(target.first, "")[1]["jti"]
    other = stranger(kid("first"))
    _bad(target, token(target.first, _url(target), key=other, jti=jti), "a token of a stranger")
    _good(target, token(target.first, _url(target), jti=jti), "the client's own token")


@check("A27", 176)
def a_token_works_once_on_all_workers(target: Target) -> None:
    if not target.seam.sibling:
        raise NotApplicable("no second worker is known")
    made = token(target.first, _url(target))
    _good(target, made, "a good token")
    there = f"{target.seam.sibling}/cds-services/{target.main['id']}"
    answer = target.post(there, target.request(), bearer=made)
    equal(answer.status_code, 401, "the same token at another worker")


@check("A28", 195)
def a_tenant_that_is_not_listed_is_refused(target: Target) -> None:
    answer = _asked(target, token(target.first, _url(target), tenant="suite-nobody"))
    expect(answer.status_code in {401, 403}, f"a tenant not listed: {answer.status_code}")
    expect("cards" not in answer.json(), "a refusal with cards")


@check("A29", 177)
def every_refusal_looks_the_same(target: Target) -> None:
    url = _url(target)
    made = ("", "made.up.text", token(target.first, "https://else.example"))
    others = (token(target.first, url, exp=1), token(target.first, url, key=stranger("x")))
    bodies = {_plain(_asked(target, one)) for one in (*made, *others)}
    equal(len(bodies), 1, "kinds of refusal")


def _plain(answer: requests.Response) -> str:
    """A refusal without what is new on every answer."""
    body = answer.json()
    return json.dumps([answer.status_code, answer.headers.get("WWW-Authenticate"), body])


@check("A30", 177)
def tokens_are_not_in_the_log(target: Target) -> None:
    if target.seam.logs is None:
        raise NotApplicable("the log is not seen from outside")
    made = token(target.first, _url(target))
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
    made = token(target.first, _url(target), header={"jku": None})
    _good(target, made, "a token without jku")


@check("A32", 176)
def a_token_that_is_too_long_is_refused(target: Target) -> None:
    made = token(target.first, _url(target), padding="x" * 20_000)
    expect(_status(target, made) in {400, 401, 431}, "a token of 20,000 characters")


@check("A33", 176)
def what_is_no_token_breaks_nothing(target: Target) -> None:
    for wrong in ("a", "a.b", "..", "a.b.c.d", "e30.e30.e30", "%.%.%", "W10.W10.W10"):
        answer = target.call(bearer="", headers={"Authorization": f"Bearer {wrong}"})
        equal(answer.status_code, 401, "what is no token")
