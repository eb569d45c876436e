"""Bodies are sealed to their rows; keys rotate; nothing about a key is told. Keys are made up."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.adapters.sealing import CLEAR, NO_KEYS, Sealer, key_id
from wherry.errors import Failure, Kind
from wherry.keys import read_keys

ONE, TWO = b"1" * 32, b"2" * 32


def refusal(sealer: Sealer, key: str, stored: bytes, identity: str = "row") -> Kind:
    with pytest.raises(Failure) as raised:
        sealer.open(key, stored, identity)
    return raised.value.kind


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_sealed_opens_in_its_own_row(bodies: list[bytes]) -> None:
    sealer = Sealer([ONE])
    seal = sealer.group()

    stored = [seal(body, f"row {n}") for n, body in enumerate(bodies)]

    opened = [sealer.open(sealer.key_id, one, f"row {n}") for n, one in enumerate(stored)]
    assert opened == bodies


def test_the_same_body_is_never_stored_alike() -> None:
    sealer = Sealer([ONE])
    first, second = sealer.group(), sealer.group()

    stored = {first(b"body", "row"), first(b"body", "row"), second(b"body", "row")}

    assert len(stored) == 3


@pytest.mark.parametrize("at", [0, 17, 25, -1])
def test_a_changed_byte_anywhere_is_found(at: int) -> None:
    sealer = Sealer([ONE])
    stored = bytearray(sealer.group()(b"a made-up body", "row"))
    stored[at] ^= 1

    assert refusal(sealer, sealer.key_id, bytes(stored)) is Kind.FAULT


@pytest.mark.parametrize("stored", [b"", b"short", b"x" * 20])
def test_what_is_no_sealed_body_is_said(stored: bytes) -> None:
    assert refusal(Sealer([ONE]), key_id(ONE), stored) is Kind.FAULT


def test_a_body_does_not_open_in_another_row() -> None:
    sealer = Sealer([ONE])
    stored = sealer.group()(b"body", "row 1")

    assert refusal(sealer, sealer.key_id, stored, "row 2") is Kind.FAULT


def test_the_first_key_seals_and_all_open() -> None:
    before, after = Sealer([ONE]), Sealer([TWO, ONE])
    stored = before.group()(b"body", "row")

    assert after.key_id == key_id(TWO)
    assert after.open(before.key_id, stored, "row") == b"body"
    assert refusal(Sealer([TWO]), before.key_id, stored) is Kind.UNAVAILABLE


def test_without_keys_bodies_stay_as_they_are() -> None:
    assert NO_KEYS.key_id == CLEAR
    assert NO_KEYS.group()(b"body", "row") == b"body"
    assert Sealer([ONE]).open(CLEAR, b"body", "row") == b"body"


def test_keys_are_read_in_order() -> None:
    one, two = (b64encode(key).decode() for key in (ONE, TWO))

    assert read_keys(f"{one} {two}") == read_keys(f"{one},\n{two}") == (ONE, TWO)
    assert read_keys(" ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not base64!", "key 1 is not base64"),
        (b64encode(ONE).decode() + " " + b64encode(b"few").decode(), "key 2 has 3 bytes"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_without_it(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        read_keys(text)

    assert not [word for word in text.split() if len(word) > 3 and word in str(raised.value)]
