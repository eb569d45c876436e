"""The eight rules that a client's token must keep, each broken once."""

from dataclasses import replace
from typing import Any

import pytest
from tests.cds.clients.ehr import (
    ENDPOINT,
    ISS,
    JKU,
    NOW_S,
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


# 1. form


def test_none_is_no_algorithm(checking: Checking) -> None:
    unsigned = ".".join([*signed(head=header()).split(".")[:2], ""])

    assert broken(checking, unsigned) == "header"


HEADERS = {
    "none": {"alg": "none"},
    "none_in_capitals": {"alg": "NONE"},
    "symmetric": {"alg": "HS384"},
    "no_alg": {"alg": None},
    "alg_is_a_list": {"alg": ["ES384"]},
    "no_typ": {"typ": None},
    "another_typ": {"typ": "at+jwt"},
    "no_kid": {"kid": None},
    "empty_kid": {"kid": ""},
    "long_kid": {"kid": "k" * 256},
    "kid_with_a_line": {"kid": "k\n1"},
    "crit": {"crit": ["b64"]},
    "own_key": {"jwk": jwk(ec())},
    "own_certificate": {"x5u": JKU},
    "jku_is_a_list": {"jku": [JKU]},
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
def test_a_header_that_breaks_a_rule_is_refused_before_any_fetch(
    checking: Checking, change: dict[str, Any]
) -> None:
    assert broken(checking, with_header(header(**change))) == "header"
    assert checking.fetch.asked == []


def test_typ_may_be_written_small(checking: Checking) -> None:
    assert checking.verify(signed(head=header(typ="jwt"))).id == "ehr"


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b", "a.b.c", "..", "a.b.c.d", "e30.e30.e30", "ä.ö.ü", "W10.W10.W10"],
)
def test_what_is_no_token_is_refused(checking: Checking, text: str) -> None:
    assert broken(checking, text) == "header"


def test_a_long_token_is_not_even_read(checking: Checking) -> None:
    assert broken(checking, signed(claims(more="x" * 8192))) == "header"


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


# 5. audience


@pytest.mark.parametrize(
    "aud",
    [None, "", [], 5, OTHER, [OTHER], [ENDPOINT, 5], f"{ENDPOINT}/feedback", ENDPOINT.upper()],
)
def test_aud_must_name_this_endpoint(checking: Checking, aud: Any) -> None:
    assert broken(checking, signed(claims(aud=aud))) == "audience"
    assert checking.fetch.asked == []


# 6. times


TIMES = {
    "over": {"iat": NOW_S - 400, "exp": NOW_S - 61},
    "just_over": {"iat": NOW_S - 400, "exp": NOW_S - 60},
    "no_exp": {"exp": None},
    "no_iat": {"iat": None},
    "exp_as_text": {"exp": str(int(NOW_S) + 300)},
    "exp_is_true": {"exp": True},
    "exp_is_huge": {"exp": 1e300},
    "issued_ahead": {"iat": NOW_S + 61, "exp": NOW_S + 300},
    "lives_too_long": {"exp": NOW_S + 3601},
    "ends_before_it_begins": {"iat": NOW_S, "exp": NOW_S - 1},
    "not_yet": {"nbf": NOW_S + 61},
    "nbf_as_text": {"nbf": "now"},
}


@pytest.mark.parametrize("change", TIMES.values(), ids=TIMES)
def test_times_that_do_not_fit_are_refused(checking: Checking, change: dict[str, Any]) -> None:
    assert broken(checking, signed(claims(**change))) == "times"
    assert checking.fetch.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"iat": NOW_S - 400, "exp": NOW_S - 59},
        {"iat": NOW_S + 60, "exp": NOW_S + 300},
        {"exp": NOW_S + 3600},
        {"nbf": NOW_S - 300},
        {"nbf": NOW_S + 60},
    ],
)
def test_clocks_may_differ_by_a_minute(checking: Checking, change: dict[str, Any]) -> None:
    assert checking.verify(signed(claims(**change))).id == "ehr"


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
