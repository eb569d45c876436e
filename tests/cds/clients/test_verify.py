"""Rules of issuer, keys, replay and tenant, each broken once."""

from dataclasses import replace
from typing import Any

import pytest
from tests.cds.clients.ehr import (
    ISS,
    JKU,
    Checking,
    claims,
    client,
    ec,
    header,
    jwk,
    part,
    rsa,
    signed,
    with_header,
)

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client

OTHER = "https://cds.example.org/cds-services/deterioration"


@pytest.fixture
def checking() -> Checking:
    return Checking()


def broken(checking: Checking, text: str, *clients: Client) -> str:
    """The rule that this token breaks."""
    with pytest.raises(Failure) as caught:
        checking.verify(text, *clients)
    assert caught.value.kind is Kind.UNAUTHENTICATED
    return caught.value.at


# 2. issuer and key set, before any fetch


@pytest.mark.parametrize("iss", [None, "", 5, "https://ehr.example.org/", "https://evil.org"])
def test_an_issuer_that_nobody_registered_is_refused_unasked(checking: Checking, iss: Any) -> None:
    assert broken(checking, signed(claims(iss=iss))) == "issuer"
    assert checking.fetch.asked == []


@pytest.mark.parametrize(
    "jku",
    [
        "https://evil.example.org/jwks.json",
        f"{JKU}?x=1",
        f"{JKU}#x",
        JKU.replace("https", "http"),
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_key_set_that_is_not_registered_is_never_fetched(checking: Checking, jku: str) -> None:
    # an empty jku is as none: the only registered set is meant, so the client gets a second one
    two = client(jku=frozenset({JKU, f"{JKU}2"}))

    assert broken(checking, with_header(header(jku=jku)), two) == "issuer"
    assert checking.fetch.asked == []


def test_one_issuer_cannot_use_the_keys_of_another() -> None:
    evil, evil_jku = ec("P-384", "evil"), "https://evil.example.org/jwks.json"
    checking = Checking({JKU: {"keys": [jwk(ec())]}, evil_jku: {"keys": [jwk(evil)]}})
    clients = (client(), client(id="evil", iss="https://evil.org", jku=frozenset({evil_jku})))

    crossed = signed(key=evil, head=header(jku=evil_jku))

    assert broken(checking, crossed, *clients) == "issuer"
    assert checking.fetch.asked == []


# 3. the key set


def test_a_key_set_is_fetched_once_for_many_tokens(checking: Checking) -> None:
    for number in range(5):
        checking.verify(signed(claims(jti=f"jti-{number}")))

    assert checking.fetch.asked == [JKU]


def test_keys_that_cannot_be_had_are_our_trouble_and_not_the_clients() -> None:
    with pytest.raises(Failure) as caught:
        Checking({}).verify(signed())

    assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "keys")


# 4. the key and the signature


KEYS = {
    "another_kid": [jwk(ec(), "k-2")],
    "twice_the_kid": [jwk(ec()), jwk(ec())],
    "for_encryption": [jwk(ec(), use="enc")],
    "for_another_algorithm": [jwk(ec(), alg="ES256")],
    "for_signing_only": [jwk(ec(), key_ops=["sign"])],
    "another_curve": [jwk(ec("P-256"))],
    "another_type": [jwk(rsa())],
    "symmetric": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k-1"}],
    "not_readable": [{**jwk(ec()), "x": "AAAA"}],
    "without_its_half": [{"kty": "EC", "crv": "P-384", "kid": "k-1"}],
}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_a_key_that_does_not_fit_proves_nothing(keys: list[dict[str, Any]]) -> None:
    assert broken(Checking({JKU: {"keys": keys}}), signed()) == "key"


def test_a_small_rsa_key_proves_nothing() -> None:
    weak = rsa(1024)
    checking = Checking({JKU: {"keys": [jwk(weak)]}})

    assert broken(checking, signed(key=weak, alg="RS384")) == "key"


def test_another_key_of_the_same_id_does_not_verify(checking: Checking) -> None:
    assert broken(checking, signed(key=ec("P-384", "other"))) == "signature"


def test_a_claim_that_was_changed_does_not_verify(checking: Checking) -> None:
    head, _, signature = signed().split(".")

    assert broken(checking, f"{head}.{part(claims(sub='admin'))}.{signature}") == "signature"


def test_a_public_key_is_no_secret_of_hs384(checking: Checking) -> None:
    head, body = part(header(alg="HS384")), part(claims())

    assert broken(checking, f"{head}.{body}.{part('mac')}") == "header"


# 7. replay


@pytest.mark.parametrize("jti", [None, "", 5, "j" * 256])
def test_jti_is_needed(checking: Checking, jti: Any) -> None:
    assert broken(checking, signed(claims(jti=jti))) == "replay"


def test_a_token_is_taken_once(checking: Checking) -> None:
    token = signed()
    checking.verify(token)

    assert broken(checking, token) == "replay"


def test_a_token_is_remembered_until_it_would_have_ended_anyway(checking: Checking) -> None:
    checking.verify(signed())

    assert checking.replays.taken == {(ISS, "jti-1"): 361}


def test_two_issuers_may_use_the_same_jti(checking: Checking) -> None:
    other = client(id="other", iss="https://other.example.org")
    checking.verify(signed())

    assert checking.verify(signed(claims(iss=other.iss)), client(), other).id == "other"


def test_a_token_that_does_not_verify_uses_up_no_jti(checking: Checking) -> None:
    assert broken(checking, signed(key=ec("P-384", "other"))) == "signature"

    assert checking.verify(signed()).id == "ehr"


def test_without_the_store_nobody_is_let_in(checking: Checking) -> None:
    checking.replays.away = True

    with pytest.raises(Failure) as caught:
        checking.verify(signed())

    assert caught.value.kind is Kind.UNAVAILABLE


# 8. tenant and subject


@pytest.mark.parametrize(
    ("registered", "said", "let_in"),
    [
        ({}, {}, True),
        ({}, {"tenant": "t-1", "sub": "anyone"}, True),
        ({"claims": frozenset({"t-1"})}, {"tenant": "t-1"}, True),
        ({"claims": frozenset({"t-1"})}, {"tenant": "t-2"}, False),
        ({"claims": frozenset({"t-1"})}, {}, False),
        ({"claims": frozenset({"t-1"})}, {"tenant": ["t-1"]}, False),
        ({"sub": "app"}, {"sub": "app"}, True),
        ({"sub": "app"}, {"sub": "other"}, False),
        ({"sub": "app"}, {}, False),
        ({"enabled": False}, {}, False),
    ],
)
def test_who_is_proved_must_also_be_let_in(
    checking: Checking, registered: dict[str, Any], said: dict[str, Any], let_in: bool
) -> None:
    token = signed(claims(**said))
    if let_in:
        assert checking.verify(token, client(**registered)).id == "ehr"
        return

    with pytest.raises(Failure) as caught:
        checking.verify(token, client(**registered))
    assert caught.value.kind is Kind.FORBIDDEN


def test_a_stranger_learns_nothing_of_tenants(checking: Checking) -> None:
    forged = signed(claims(tenant="t-2"), key=ec("P-384", "other"))

    assert broken(checking, forged, client(claims=frozenset({"t-1"}))) == "signature"


def test_tenants_of_one_issuer_are_told_apart(checking: Checking) -> None:
    one = client(id="one", claims=frozenset({"t-1"}))
    two = replace(one, id="two", claims=frozenset({"t-2"}))

    assert checking.verify(signed(claims(tenant="t-2")), one, two).id == "two"


def test_nothing_of_a_token_is_in_what_is_said(checking: Checking) -> None:
    with pytest.raises(Failure) as caught:
        checking.verify(signed(claims(iss="https://Zzyzx.example.org", sub="Zzyzx")))

    assert "Zzyzx" not in str(caught.value)
    assert "Zzyzx" not in repr(caught.value)
