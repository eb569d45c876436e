"""Envelopes: what they say, and how they are answered. All messages here are synthetic."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7 import batch_ack
from wherry.hl7.batch import Batch, read

AT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
A = b"MSH|^~\\&|A||||2024||ADT^A01|1|P|2.5\rPID|1||1"
BHS = b"BHS|^~\\&|APP|FAC|EHR|HOSP|2024||NAME|COMMENT|B-7"
FHS = b"FHS|^~\\&|APP|FAC|EHR|HOSP|2024||NAME|COMMENT|F-7"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (A, Batch((A,))),
        (b"", Batch((b"",))),
        (A + b"\r" + A, Batch((A, A))),
        (BHS + b"\r" + A + b"\rBTS|1\r", Batch((A,), BHS)),
        (b"\r\n" + BHS + b"\r\n" + A + b"\r\nBTS|1", Batch((A,), BHS)),
        (FHS + b"\r" + BHS + b"\r" + A + b"\rBTS|1\rFTS|1\r", Batch((A,), BHS)),
        (FHS + b"\r" + A + b"\rFTS\r", Batch((A,), FHS)),
        (BHS + b"\rBTS|0\r", Batch((), BHS)),
        (BHS + b"\r", Batch((), BHS)),
    ],
)
def test_an_envelope_is_read_with_what_is_in_it(data: bytes, expected: Batch) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(
    ("trailers", "remarks"),
    [
        (b"BTS|2\rFTS|1", ("BTS-1 says 2, there are 1",)),
        (b"BTS|1\rFTS|4", ("FTS-1 says 4, there are 1",)),
        (b"BTS|0\rFTS|0", ("BTS-1 says 0, there are 1", "FTS-1 says 0, there are 1")),
        (b"BTS|\rFTS", ()),
        (b"BTS|x\rFTS|one", ()),
    ],
)
def test_trailers_that_count_otherwise_are_remarked(
    trailers: bytes, remarks: tuple[str, ...]
) -> None:
    assert read(FHS + b"\r" + BHS + b"\r" + A + b"\r" + trailers).remarks == remarks


@given(st.lists(st.sampled_from([A, BHS, FHS, b"BTS|", b"BTS", b"FTS|9", b"\r", b"\n", b"x"])))
def test_any_envelope_is_read_without_losing_a_message(parts: list[bytes]) -> None:
    data = b"\r" + b"\r".join(parts)

    assert sum(body.count(b"MSH|") for body in read(data).bodies) == data.count(b"MSH|")


def test_each_batch_of_a_file_is_counted_by_itself() -> None:
    two = BHS + b"\r" + A + b"\rBTS|1\r" + BHS + b"\r" + A + b"\r" + A + b"\rBTS|2\r"

    assert read(FHS + b"\r" + two + b"FTS|2\r").remarks == ()


def test_the_answer_to_a_batch_is_a_batch_that_refers_to_it() -> None:
    ack = batch_ack.build(BHS, [b"MSH|1\rMSA|AA\r"], at=AT, id_="W1", remarks=["x | y"])

    assert ack.split(b"\r") == [
        b"BHS|^~\\&|EHR|HOSP|APP|FAC|20240102030405+0000||||W1|B-7",
        b"MSH|1",
        b"MSA|AA",
        b"BTS|1|x \\F\\ y",
        b"",
    ]


def test_the_answer_to_a_batch_is_in_its_own_delimiters() -> None:
    ack = batch_ack.build(b"BHS$%*/@$APP", [], at=AT, id_="W1")

    assert ack == b"BHS$%*/@$$$APP$$20240102030405+0000$$$$W1$\rBTS$0\r"


def test_an_unreadable_header_is_answered_in_the_standard_delimiters() -> None:
    assert batch_ack.build(b"BHS|A", [], at=AT, id_="W1").startswith(b"BHS|^~\\&|")
