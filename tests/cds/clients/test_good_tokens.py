"""Tokens that prove their client, in each dialect."""

from typing import Any

import pytest
from tests.cds.clients.ehr import (
    ENDPOINT,
    JKU,
    NOW_S,
    Checking,
    claims,
    client,
    ec,
    header,
    jwk,
    rsa,
    signed,
)

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.keyset import key_set
from wherry_cds.clients.profile import PROFILES

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


# what is good


def test_a_good_token_proves_its_client(checking: Checking) -> None:
    assert checking.verify(signed()).id == "ehr"


@pytest.mark.parametrize(
    ("alg", "key"),
    [("ES384", ec()), ("RS384", rsa())],
    ids=["ES384", "RS384"],
)
def test_both_recommended_algorithms_are_understood(alg: str, key: Any) -> None:
    checking = Checking({JKU: {"keys": [jwk(key, use="sig", alg=alg)]}})

    assert checking.verify(signed(key=key, alg=alg)).id == "ehr"


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS384"])
def test_other_asymmetric_algorithms_are_a_clients_own_choice(alg: str) -> None:
    key = ec("P-256") if alg == "ES256" else rsa()
    checking, token = Checking({JKU: {"keys": [jwk(key)]}}), signed(key=key, alg=alg)

    assert broken(checking, token) == "header"
    assert checking.verify(token, client(algs=frozenset({alg}))).id == "ehr"


@pytest.mark.parametrize("aud", [ENDPOINT, [ENDPOINT], ["https://else.example.org", ENDPOINT]])
def test_aud_is_the_endpoint_alone_or_among_others(checking: Checking, aud: Any) -> None:
    assert checking.verify(signed(claims(aud=aud))).id == "ehr"


def test_an_alias_of_one_client_is_no_alias_of_another(checking: Checking) -> None:
    alias = "https://example.com/savecdshooksrequest"
    token = signed(claims(aud=alias))

    assert broken(checking, token) == "audience"
    assert checking.verify(token, client(aud_aliases=frozenset({alias}))).id == "ehr"


def test_a_kid_may_be_base64() -> None:
    kid = "a+/b="
    checking = Checking({JKU: {"keys": [jwk(ec(), kid)]}})

    assert checking.verify(signed(head=header(kid=kid))).id == "ehr"


def test_without_jku_the_only_registered_one_is_meant(checking: Checking) -> None:
    assert checking.verify(signed(head=header(jku=None))).id == "ehr"
    assert checking.fetch.asked == [JKU]


def test_keys_given_by_hand_need_no_fetch(checking: Checking) -> None:
    by_hand = client(jku=frozenset(), jwks=key_set({"keys": [jwk(ec())]}))

    assert checking.verify(signed(head=header(jku=None)), by_hand).id == "ehr"
    assert checking.fetch.asked == []


def test_epics_way_of_signing_is_understood() -> None:
    epic = client(
        profile=PROFILES["epic"],
        sub="client-7",
        aud_aliases=frozenset({"https://example.com/savecdshooksrequest"}),
    )
    token = signed(
        claims(
            aud="https://example.com/savecdshooksrequest",
            sub="client-7",
            exp=int(NOW_S) + 900,
            nbf=int(NOW_S) - 300,
        ),
        key=rsa(),
        alg="RS384",
        head=header("RS384", kid="AbC+/d=="),
    )

    assert Checking({JKU: {"keys": [jwk(rsa(), "AbC+/d==")]}}).verify(token, epic).id == "ehr"


def test_oracles_list_of_key_sets_is_asked_and_the_set_is_its_own() -> None:
    listed = "https://authorization.cerner.com/tenants/t-1/jwks.json"
    oracle = client(jku=frozenset(), profile=PROFILES["oracle"])
    checking = Checking(
        {
            "https://authorization.cerner.com/jwk": {"jkus": [listed]},
            listed: {"keys": [jwk(ec())]},
        }
    )

    assert checking.verify(signed(head=header(jku=listed)), oracle).id == "ehr"
    assert broken(checking, signed(claims(jti="2"), head=header(jku=JKU)), oracle) == "issuer"
    assert JKU not in checking.fetch.asked


def test_a_mirror_is_fetched_in_place_of_the_jku() -> None:
    mirror = "https://mirror.example.org/keys"
    checking = Checking({mirror: {"keys": [jwk(ec())]}})

    assert checking.verify(signed(), client(mirrors={JKU: mirror})).id == "ehr"
    assert checking.fetch.asked == [mirror]
