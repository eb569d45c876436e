"""A long body in any pieces gives the same messages as the whole does. Synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.batch import split
from wherry.hl7.batch_stream import BatchStream
from wherry.hl7.framing import Block, Oversize

ONE = b"MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rPID|1||42^^^SYNTHETIC"
TWO = b"MSH|^~\\&|A|B|||||ADT^A01|2|P|2.5\rPID|1||43^^^SYNTHETIC"
START, END = b"FHS|^~\\&|A\rBHS|^~\\&|B\r", b"\rBTS|2\rFTS|1\r"


def fed(body: bytes, size: int, max_bytes: int = 10_000) -> tuple[list[bytes], bytes]:
    stream = BatchStream(max_bytes)
    found = [
        piece for at in range(0, len(body), size) for piece in stream.feed(body[at : at + size])
    ] + stream.finish()
    return [one.payload if isinstance(one, Block) else one.head for one in found], stream.header


@pytest.mark.parametrize("joint", [b"\r", b"\n", b"\r\n", b"\r\r", b"\x1c\r\x0b", b"\r\n \t"])
@given(size=st.integers(1, 200))
def test_any_pieces_give_the_messages_of_the_whole(joint: bytes, size: int) -> None:
    body = joint.join([ONE, TWO, ONE])

    assert fed(body, size) == (split(body), b"")


@given(size=st.integers(1, 200))
def test_an_envelope_is_left_out_and_its_header_known(size: int) -> None:
    assert fed(START + ONE + b"\r" + TWO + END, size) == ([ONE, TWO], b"BHS|^~\\&|B")


@pytest.mark.parametrize(
    ("body", "found", "header"),
    [
        (b"FHS|^~\\&|A\r" + ONE + b"\rFTS|1", [ONE], b"FHS|^~\\&|A"),
        (b"BHS|^~\\&|B\rBTS|0\r", [], b"BHS|^~\\&|B"),
        (b"no HL7", [b"no HL7"], b""),
        (b"", [], b""),
        (ONE + b"\rNTE|1||MSH is named here", [ONE + b"\rNTE|1||MSH is named here"], b""),
    ],
)
def test_odd_bodies_are_what_they_are(body: bytes, found: list[bytes], header: bytes) -> None:
    assert fed(body, 7) == (found, header)


@given(size=st.integers(1, 5000))
def test_a_message_that_is_too_long_does_not_stop_the_others(size: int) -> None:
    long = ONE + b"\rNTE|1||" + b"x" * 3000
    body = b"\r".join([TWO, long, TWO])
    stream = BatchStream(1000)

    found = [
        piece for at in range(0, len(body), size) for piece in stream.feed(body[at : at + size])
    ] + stream.finish()

    assert [type(piece) for piece in found] == [Block, Oversize, Block]
    assert isinstance(found[1], Oversize)
    assert long.startswith(found[1].head[:900])
    assert len(long) - 2 <= found[1].size_bytes <= len(long) + 2
