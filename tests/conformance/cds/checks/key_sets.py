"""A: whose keys are looked up where, and how often a token works."""

from tests.conformance.cds.check import NotApplicable, check, equal, expect
from tests.conformance.cds.checks.asking import asked, bad, good, url_of
from tests.conformance.cds.parties import (
    Party,
    ec,
    for_encryption,
    kid,
    parts,
    party,
    short_rsa,
    token,
)
from tests.conformance.cds.stub import Reply
from tests.conformance.cds.target import Target
from tests.conformance.smart.keys import public, stranger


@check("A16", 195)
def an_unknown_key_is_looked_up_once(target: Target) -> None:
    sender = party("rotating", target.stub)
    url = url_of(target)
    good(target, token(sender, url), "a client whose keys will change")
    before = len(target.stub.seen("/jwks/rotating.json"))
    for _ in range(4):
        bad(target, token(sender, url, key=stranger("nobody")), "a key that nobody has")
    fetched = len(target.stub.seen("/jwks/rotating.json")) - before
    expect(fetched <= 1, f"an unknown key makes {fetched} fetches of the key set")


@check("A17", 195)
def keys_are_not_fetched_for_every_call(target: Target) -> None:
    good(target, token(target.first, url_of(target)), "a good token")
    before = len(target.stub.seen("/jwks/first.json"))
    for _ in range(5):
        good(target, token(target.first, url_of(target)), "a good token")
    equal(len(target.stub.seen("/jwks/first.json")) - before, 0, "fetches for five calls")


@check("A18", 195)
def a_key_set_that_nobody_listed_is_not_fetched(target: Target) -> None:
    evil = {"jku": target.stub.jku("evil")}
    made = token(target.first, url_of(target), key=ec("evil"), header=evil)
    bad(target, made, "a foreign key set")
    for spelling in ("/jwks/../jwks/evil.json", "/jwks/first.json?evil", "/jwks/first.json#evil"):
        jku = {"jku": f"{target.stub.origin}{spelling}"}
        bad(target, token(target.first, url_of(target), header=jku), "another spelling")
    equal(len(target.stub.seen("evil")), 0, "fetches of what nobody listed")


@check("A19", 195)
def an_issuer_that_nobody_listed_is_refused(target: Target) -> None:
    nobody = Party("evil", "https://evil.suite.example", target.stub.jku("evil"))
    bad(target, token(nobody, url_of(target)), "an unknown issuer")
    equal(len(target.stub.seen("evil")), 0, "fetches for an unknown issuer")


@check("A20", 195)
def a_redirected_key_set_is_not_followed(target: Target) -> None:
    moved = party("moved", target.stub)
    target.stub.key_sets["hidden"] = public(ec("moved"))
    to = {"Location": target.stub.jku("hidden")}
    target.stub.instead["/jwks/moved.json"] = Reply(302, {}, headers=to)
    answer = asked(target, token(moved, url_of(target)))
    expect(answer.status_code in {401, 503}, f"a redirected key set: {answer.status_code}")
    equal(len(target.stub.seen("/jwks/hidden.json")), 0, "fetches of where it leads")


@check("A21", 195)
def one_clients_keys_do_not_speak_for_another(target: Target) -> None:
    url = url_of(target)
    good(target, token(target.second, url), "the second client")
    theirs = {"jku": target.second.jku}
    made = token(target.first, url, key=ec("second"), header=theirs, tenant="suite-one")
    bad(target, made, "the first client with the second's key set")
    made = token(target.first, url, key=ec("second"))
    bad(target, made, "the first client with the second's key")


@check("A22", 200, 207)
def a_short_rsa_key_is_refused(target: Target) -> None:
    weak = party("weak", target.stub)
    bad(target, token(weak, url_of(target), key=short_rsa()), "a key of 1024 bits")


@check("A23", 207)
def a_key_for_encryption_is_refused(target: Target) -> None:
    weak = party("weak", target.stub)
    bad(target, token(weak, url_of(target), key=for_encryption()), "a key for encryption")


@check("A24", 176)
def a_token_works_once(target: Target) -> None:
    made = token(target.first, url_of(target))
    good(target, made, "a good token")
    bad(target, made, "the same token again")
    claims = parts(target.first, url_of(target))[1]
    again = token(target.first, url_of(target), jti=claims["jti"])
    good(target, again, "a new id")
    bad(target, token(target.first, url_of(target), jti=claims["jti"]), "the same id again")


@check("A25", 176)
def an_id_is_its_issuers_own(target: Target) -> None:
    jti = parts(target.first, "")[1]["jti"]
    good(target, token(target.first, url_of(target), jti=jti), "the first client's id")
    good(target, token(target.second, url_of(target), jti=jti), "the same id of another client")


@check("A26", 176)
def a_bad_token_uses_up_no_id(target: Target) -> None:
    jti = parts(target.first, "")[1]["jti"]
    other = stranger(kid("first"))
    bad(target, token(target.first, url_of(target), key=other, jti=jti), "a token of a stranger")
    good(target, token(target.first, url_of(target), jti=jti), "the client's own token")


@check("A27", 176)
def a_token_works_once_on_all_workers(target: Target) -> None:
    if not target.seam.sibling:
        raise NotApplicable("no second worker is known")
    made = token(target.first, url_of(target))
    good(target, made, "a good token")
    there = f"{target.seam.sibling}/cds-services/{target.main['id']}"
    answer = target.post(there, target.request(), bearer=made)
    equal(answer.status_code, 401, "the same token at another worker")
