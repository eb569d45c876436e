from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind


@pytest.mark.parametrize("digits", ["98.60", "7.10", "0.000", "-0.5", "120", "1.0", "10.50"])
def test_decimal_digits_survive_the_round_trip(digits: str) -> None:
    text = f'{{"value":{digits}}}'

    assert encode(decode(text)) == text.encode()


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_any_decimal_comes_back_with_value_and_places(value: Decimal) -> None:
    back = decode(encode({"v": value}))["v"]

    assert Decimal(back) == value
    assert Decimal(back).as_tuple().exponent == value.as_tuple().exponent


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1,]", b"nul"])
def test_what_is_not_json_is_an_invalid_request_without_its_text(text: bytes) -> None:
    with pytest.raises(Failure) as caught:
        decode(text)

    assert (caught.value.kind, caught.value.detail) == (Kind.INVALID, "not valid JSON")


def test_hostile_nesting_is_refused_and_not_a_crash() -> None:
    with pytest.raises(Failure):
        decode(b"[" * 200_000 + b"]" * 200_000)
