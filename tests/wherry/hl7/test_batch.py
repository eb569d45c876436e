"""Several messages in one payload. All messages here are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.batch import split
from wherry.hl7.head import read

A = b"MSH|^~\\&|A||||2024||ADT^A01|1|P|2.5\rPID|1||1"
B = b"MSH$%~/@$B$$$$2024$$ADT%A01$2$P$2.5\rPID$1$$2"


def ids(data: bytes) -> list[str]:
    return [read(body).control_id for body in split(data)]


@pytest.mark.parametrize(
    "data",
    [
        A,
        A + b"\r",
        b"\xef\xbb\xbf" + A,
        b"\r\n" + A,
        b"\x0b" + A + b"\x1c\r",
        b"junk " + A,
        b"",
        b"x",
    ],
)
def test_one_message_or_none_comes_back_as_it_is(data: bytes) -> None:
    assert split(data) == [data]


@pytest.mark.parametrize(
    "data",
    [
        A + b"\r" + B + b"\r",
        A + b"\n" + B,
        A + b"\r\n\r\n" + B,
        A + b"\r\n   " + B,
        A + b"\r\x1c\r\x0b" + B,
        b"\xef\xbb\xbf" + A + b"\n\xef\xbb\xbf" + B,
        b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + A + b"\r" + B + b"\rBTS|2\rFTS|1\r",
        b"BHS|^~\\&|X\r" + A + b"\rBTS\rBHS|^~\\&|X\r" + B + b"\rBTS\rFTS",
        b"junk " + A + b"\r" + B,
        A + b"\r" + b"msh" + B[3:],
    ],
)
def test_each_message_comes_out_once_in_order(data: bytes) -> None:
    assert ids(data) == ["1", "2"]


def test_the_envelope_of_a_batch_is_left_out() -> None:
    assert split(b"FHS|^~\\&\rBHS|^~\\&\r" + A + b"\rBTS|1\rFTS|1\r") == [A]


def test_a_message_that_ends_in_an_envelope_line_is_cut_there() -> None:
    assert split(A + b"\rBTS|1\rFTS|1\r") == [A]


def test_a_batch_without_messages_comes_back_as_it_is() -> None:
    assert split(b"BHS|^~\\&|X\rBTS|0\r") == [b"BHS|^~\\&|X\rBTS|0\r"]


def test_the_word_msh_in_a_text_starts_no_message() -> None:
    data = A + b"\rNTE|1||see MSH|10\rMSH follows"

    assert split(data) == [data]


@given(st.lists(st.sampled_from([A, B]), min_size=1, max_size=5), st.sampled_from([b"\r", b"\r\n"]))
def test_what_was_joined_is_split_again(messages: list[bytes], end: bytes) -> None:
    assert split(end.join(messages)) == messages
