"""What holds for any date, token and number that a search may ask for. Pure."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.errors import Failure, Kind
from wherry.fhir.interval import PREFIXES, holds, interval
from wherry_ehr.search.amounts import amount, held_amounts
from wherry_ehr.search.normal import normal
from wherry_ehr.search.query import parse
from wherry_ehr.search.values import Token, split, token

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.integers(-2_000_000_000, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
LENGTHS = (4, 7, 10)
WORDS = st.text(st.characters(blacklist_characters="\0\1", blacklist_categories=["Cs"]), min_size=1)


def _escaped(text: str) -> str:
    """As a client writes it. Source: FHIR R4 search, 3.1.1.4.15."""
    for char in "\\,|$":
        text = text.replace(char, f"\\{char}")
    return text


@given(MOMENTS)
def test_a_date_lies_within_the_less_precise_date(moment: datetime) -> None:
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    spans = [interval(text[:length]) for length in LENGTHS] + [interval(text)]

    for wide, narrow in pairwise(spans):
        assert wide[0] <= narrow[0] < narrow[1] <= wide[1]


@given(MOMENTS, MOMENTS, st.sampled_from(LENGTHS), st.sampled_from(LENGTHS))
def test_the_prefixes_of_dates_agree_with_each_other(
    one: datetime, other: datetime, a: int, b: int
) -> None:
    target, asked = (
        interval(moment.strftime("%Y-%m-%d").rjust(10, "0")[:length])
        for moment, length in ((one, a), (other, b))
    )
    said = {prefix: holds(prefix, target, asked) for prefix in PREFIXES}

    assert said["eq"] != said["ne"]
    assert said["ge"] == (said["gt"] or said["eq"])
    assert said["le"] == (said["lt"] or said["eq"])
    assert not (said["sa"] and said["eb"])
    assert not said["sa"] or said["gt"]
    assert not said["eb"] or said["lt"]
    assert said["ap"] or said["sa"] or said["eb"]


@given(WORDS, WORDS)
def test_a_token_is_read_as_it_was_meant(system: str, code: str) -> None:
    system, code = system[:100], code[:100]

    assert token(f"{_escaped(system)}|{_escaped(code)}") == Token(system, code)
    assert token(f"|{_escaped(code)}") == Token("", code)
    assert token(_escaped(code)) == Token(None, code)
    assert token(f"{_escaped(system)}|") == Token(system, None)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_values_are_split_where_no_backslash_stands(words: list[str]) -> None:
    listed = ",".join(_escaped(word) for word in words)

    assert [token(part).code for part in split(listed, ",")] == [word[:500] for word in words]


@given(st.decimals(-(10**9), 10**9, places=4), st.integers(0, 4))
def test_a_number_finds_itself_and_its_more_precise_forms(number: Decimal, places: int) -> None:
    said = f"{number.quantize(Decimal(1).scaleb(-places)):f}"
    asked = amount(said, "x")
    held = next(iter(held_amounts(Decimal(said))))

    assert asked.low <= held.low <= held.high < asked.high
    assert asked.high - asked.low == pytest.approx(10.0**-places, rel=0.01)


@given(st.text(max_size=30))
def test_what_is_no_number_is_refused_by_name(text: str) -> None:
    refused = asked = None
    try:
        asked = amount(text, "value-quantity")
    except Failure as failure:
        refused = failure.kind, failure.at

    assert refused in {None, (Kind.INVALID, "value-quantity")}
    assert asked is None or asked.low <= asked.value <= asked.high


@given(WORDS)
def test_texts_are_compared_without_case_and_twice_is_once(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    if text.isascii():
        assert normal(text.upper()) == normal(text.lower())


NAMES = st.sampled_from(
    [
        *("code", "date", "patient", "subject:Patient", "value-quantity", "code-value-quantity"),
        *("_id", "_lastUpdated", "_sort", "_count", "_include", "_revinclude", "_summary"),
        *("subject:Patient.name", "_has:Observation:has-member:code", "value-string:contains"),
        *("code:missing", "code:not", "code:text", "_elements", "_total", "_tag", "_profile"),
    ]
) | st.text(max_size=20)


@given(st.lists(st.tuples(NAMES, st.text(max_size=40)), max_size=4))
def test_any_search_is_read_or_refused_with_its_place(pairs: list[tuple[str, str]]) -> None:
    refused = None
    try:
        parse("Observation", pairs, now=NOW, base="http://localhost/fhir")
    except Failure as failure:
        refused = failure

    assert refused is None or refused.kind in {Kind.INVALID, Kind.UNACCEPTABLE}
    assert refused is None or refused.at
