"""Rules of a token that are judged before any key is fetched, each broken once."""

from typing import Any

import pytest
from tests.cds.clients.ehr import (
    ENDPOINT,
    JKU,
    NOW_S,
    Checking,
    claims,
    ec,
    header,
    jwk,
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
