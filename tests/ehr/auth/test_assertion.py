"""private_key_jwt. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.ehr.auth.driver import EC, OTHER, RSA, TOKEN_URL, public, signed

from wherry.errors import Failure
from wherry_ehr.auth.assertion import claimed, prove

NOW = 1_800_000_000
GOOD = {"iss": "app", "sub": "app", "aud": TOKEN_URL, "exp": NOW + 300, "jti": "jti-1"}
HEAD = {"alg": "ES384", "typ": "JWT", "kid": "ec-1"}


def _prove(assertion: str, jwks: Any = None) -> tuple[str, int]:
    return prove(
        assertion,
        claimed(assertion),
        jwks=jwks or public(EC, RSA),
        audience=TOKEN_URL,
        now_s=NOW,
    )


def _made(header: Any = None, key: Any = EC, **changes: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    head = {name: value for name, value in {**HEAD, **(header or {})}.items() if value is not None}
    return signed(head, claims, key)


@pytest.mark.parametrize(
    "changes", [{}, {"aud": [TOKEN_URL]}, {"nbf": NOW, "iat": NOW}, {"exp": NOW + 1}]
)
def test_a_good_assertion_proves_who_calls(changes: dict[str, Any]) -> None:
    """R327 to R332, R335."""
    assert _prove(_made(**changes))[0] == "jti-1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOW}, "exp must lie ahead"),
        ({"exp": NOW - 1}, "exp must lie ahead"),
        ({"exp": NOW + 301}, "exp must lie ahead"),
        ({"exp": NOW + 3600}, "exp must lie ahead"),
        ({"exp": None}, "exp is needed"),
        ({"exp": str(NOW + 60)}, "exp is needed"),
        ({"exp": True}, "exp is needed"),
        ({"nbf": NOW + 60}, "nbf lies ahead"),
        ({"iat": NOW + 60}, "iat lies ahead"),
        ({"iss": "other"}, "iss and sub"),
        ({"iss": None}, "iss and sub"),
        ({"aud": None}, "aud must be"),
        ({"aud": "http://localhost/auth/revoke"}, "aud must be"),
        ({"aud": f"{TOKEN_URL}/"}, "aud must be"),
        ({"aud": [TOKEN_URL, "https://evil.example"]}, "aud must be"),
        ({"jti": None}, "jti is needed"),
        ({"jti": ""}, "jti is needed"),
        ({"jti": 7}, "jti is needed"),
        ({"jti": "x" * 256}, "jti is needed"),
    ],
)
def test_wrong_claims_prove_nothing(changes: dict[str, Any], reason: str) -> None:
    """R327 to R332, R335, R336."""
    with pytest.raises(Failure, match=reason):
        _prove(_made(**changes))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"typ": None}, "typ must be JWT"),
        ({"typ": "at+jwt"}, "typ must be JWT"),
        ({"kid": None}, "kid is needed"),
        ({"kid": ""}, "kid is needed"),
        ({"kid": "unknown"}, "no single key"),
        ({"kid": "rsa-1"}, "no single key"),  # of another type
        ({"jwk": EC.as_dict(private=False)}, "may not bring a key"),
        ({"x5u": "https://evil.example"}, "may not bring a key"),
    ],
)
def test_wrong_headers_prove_nothing(header: dict[str, Any], reason: str) -> None:
    """R321 to R325, R338."""
    with pytest.raises(Failure, match=reason):
        _prove(_made(header))


def _unsigned(alg: str) -> str:
    parts = [{**HEAD, "alg": alg}, GOOD]
    encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*encoded, b""]).decode()


@pytest.mark.parametrize("alg", ["none", "None", "ES384", "RS384"])
def test_an_unsigned_assertion_proves_nothing(alg: str) -> None:
    """R335."""
    with pytest.raises(Failure):
        _prove(_unsigned(alg))


def test_a_public_key_is_not_taken_for_a_secret() -> None:
    """R335: HS256 with the client's public key as its secret."""
    secret = OctKey.import_key(json.dumps(RSA.as_dict(private=False)))

    with pytest.raises(Failure, match="alg must be"):
        _prove(_made({"alg": "HS256", "kid": "rsa-1"}, secret))


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS384"])
def test_other_algorithms_are_refused(alg: str) -> None:
    """R310, R311."""
    key: Any = RSAKey.import_key(RSA.as_pem(private=True))
    if alg == "ES256":
        key = ECKey.generate_key("P-256")

    with pytest.raises(Failure, match="alg must be"):
        _prove(_made({"alg": alg}, key))


def test_a_signature_of_another_key_proves_nothing() -> None:
    """R335."""
    with pytest.raises(Failure, match="signature"):
        _prove(_made(key=OTHER))


def test_changed_claims_prove_nothing() -> None:
    """R335."""
    head, _, signature = _made().split(".")
    claims = base64.urlsafe_b64encode(json.dumps({**GOOD, "jti": "jti-2"}).encode()).rstrip(b"=")

    with pytest.raises(Failure, match="signature"):
        _prove(f"{head}.{claims.decode()}.{signature}")


def test_two_keys_of_one_kid_are_one_too_many() -> None:
    """R322, R338."""
    twin = ECKey.generate_key("P-384", {"kid": "ec-1"})

    with pytest.raises(Failure, match="no single key"):
        _prove(_made(), public(EC, twin))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"use": "enc"}, "something else"),
        ({"alg": "ES256"}, "something else"),
        ({"crv": "P-521"}, "P-384"),
        ({"x": "AAAA"}, "cannot be read|signature"),
    ],
)
def test_keys_that_are_not_for_this_are_refused(change: dict[str, str], reason: str) -> None:
    """R313 to R315, R338."""
    key = {**EC.as_dict(private=False), **change}

    with pytest.raises(Failure, match=reason):
        _prove(_made(), {"keys": [key, "nonsense"]})


def test_small_rsa_keys_are_refused() -> None:
    with pytest.warns(Warning, match="2048"):
        small = RSAKey.generate_key(1024, {"kid": "small"})
    assertion = _made({"alg": "RS384", "kid": "small"}, small)

    with pytest.warns(Warning, match="2048"), pytest.raises(Failure, match="2048"):
        _prove(assertion, public(small))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "é.é.é", "e30.e30.e30.e30", "x" * 9000])
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        claimed(text)


def test_an_assertion_works_once(smart: Any) -> None:
    """R336: the jti is remembered for the client."""
    assertion = smart.assertion(jti="one")
    first = smart.exchange(smart.code(), client_assertion=assertion)

    again = smart.exchange(smart.code(), client_assertion=assertion)
    same_jti = smart.exchange(smart.code(), client_assertion=smart.assertion(jti="one"))

    assert first.status_code == 200
    assert [one.get_json()["error"] for one in (again, same_jti)] == ["invalid_client"] * 2
    assert "before" in again.get_json()["error_description"]


def test_a_forged_assertion_does_not_use_a_jti_up(smart: Any) -> None:
    """R336."""
    forged = smart.assertion(key=OTHER, header={"kid": "ec-1"}, jti="one")
    refused = smart.exchange(smart.code(), client_assertion=forged)

    taken = smart.exchange(smart.code(), client_assertion=smart.assertion(jti="one"))

    assert (refused.status_code, taken.status_code) == (400, 200)


def test_the_same_jti_of_another_client_is_another_one(smart: Any) -> None:
    """R336: per iss."""
    first = smart.exchange(smart.code(), client_assertion=smart.assertion(jti="one"))
    theirs = smart.assertion(key=OTHER, iss="second", sub="second", jti="one")
    form = {"client_assertion": theirs, "redirect_uri": "http://127.0.0.1:8205/callback"}
    code = smart.code(
        client_id="second",
        redirect_uri="http://127.0.0.1:8205/callback",
        launch=smart.handle(client="second"),
    )

    assert (first.status_code, smart.exchange(code, **form).status_code) == (200, 200)


def test_an_unknown_client_and_a_wrong_sub_are_refused_alike(smart: Any) -> None:
    """R337, R340."""
    answers = [
        smart.exchange(smart.code(), client_assertion=smart.assertion(**changes))
        for changes in ({"sub": "stranger", "iss": "stranger"}, {"sub": 7}, {"sub": None})
    ]

    assert [one.get_json() for one in answers] == [
        {"error": "invalid_client", "error_description": "the client is not known"}
    ] * 3


@pytest.mark.parametrize("jku", ["https://evil.example/keys", "http://127.0.0.1:8105/other.json"])
def test_keys_are_fetched_from_nowhere_but_the_registered_address(smart: Any, jku: Any) -> None:
    """R338: a jku must be the registered one."""
    assertion = smart.assertion(header={"jku": jku})

    answer = smart.exchange(smart.code(), client_assertion=assertion)

    assert answer.get_json()["error_description"] == "jku is not the registered address"
